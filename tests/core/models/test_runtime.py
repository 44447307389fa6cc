from __future__ import annotations

import subprocess
import sys

from dashboard.core.settings import REPOSITORY

FREED_IN_ORDER = """
import faulthandler, gc, os, signal
faulthandler.enable()  # as pytest does
from dashboard.core.models.runtime import compiled
signal.signal(signal.SIGTERM, lambda *_: print("heard"))
path = "models/digits/openvino/model.xml"
first, second = compiled(path), compiled(path)
del first
gc.collect()
del second
gc.collect()
os.kill(os.getpid(), signal.SIGTERM)
print("alive")
"""


def test_a_signal_after_models_were_freed_crashes_nothing() -> None:
    found = subprocess.run(
        [sys.executable, "-c", FREED_IN_ORDER], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert (found.returncode, found.stdout.split()) == (0, ["heard", "alive"]), found.stderr
