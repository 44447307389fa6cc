"""Measuring how far to trust a model, in a process of its own: pages import no TensorFlow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from dashboard.core.errors import LightboxError
from dashboard.core.models.card import Card
from dashboard.core.settings import REPOSITORY, settings
from dashboard.core.text import mark

STAGES = {
    "packing": mark("Reading the images"),
    "loading": mark("Loading the network"),
    "measuring": mark("Asking it about the images"),
    "exporting": mark("Trying and exporting it"),
}
"""Stage of `calibrate` → what it is called."""

OnStage = Callable[[str], None]


def calibrate_apart(name: str, dataset: str, on_stage: OnStage) -> Card:
    """Do what `calibrate.calibrate` does, in a process that ends with the call.

    Raises:
        LightboxError: What that raised, or that the process died.
    """
    home = settings().home
    command = [sys.executable, "-m", "dashboard", "calibrate", name, "--dataset", dataset]
    command += ["--json", "--progress", "--home", str(home)]
    with (
        (home / "calibrate.log").open("wb") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=REPOSITORY,
            env={**os.environ, "LIGHTBOX_HOME": str(home)},
        ) as child,
    ):
        said = _listen(child, on_stage)
    if "error" in said:
        raise LightboxError.from_json(said["error"])
    if "version" not in said:
        raise LightboxError(
            "The measurement ended without a result. Its log is “calibrate.log”, where Lightbox "
            "stores everything; start it again.",
            code="calibration_died",
        )
    return Card.model_validate(said)


def _listen(child: subprocess.Popen[str], on_stage: OnStage) -> dict[str, Any]:
    """Return the last thing the child said."""
    assert child.stdout is not None
    said: dict[str, Any] = {}
    try:
        for line in child.stdout:
            said = json.loads(line)
            if "stage" in said:
                on_stage(said["stage"])
    finally:
        child.kill()
    return said
