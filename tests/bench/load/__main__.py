"""Prints the load table: `.venv/bin/python -m tests.bench.load [--seconds N] [L1 L2 …]`.

The network is MobileNetV2 at 224×224 with random weights, asked for a 640×480 JPEG. S, the time of
one request, and C, what eight clients get per second, are measured first. The first lines say what
each test wants; times are those of the generator, on the same machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from dashboard.core.settings import settings
from tests import corpus
from tests.bench.load.bench import Bench
from tests.bench.load.recovery import cold
from tests.bench.load.scenarios import burst, fair, hostile, mixed, overload, steady
from tests.bench.load.soak import soak
from tests.bench.serving import picture, publish_random
from tests.server import Lightbox

TESTS: dict[str, tuple[Callable[[Bench], None], float]] = {
    "L1": (steady, 60),
    "L2": (overload, 60),
    "L3": (burst, 10),
    "L4": (mixed, 60),
    "L6": (hostile, 60),
    "L8": (cold, 0),
    "L9": (fair, 60),
    "L7": (soak, 600),
}
"""Name → test and its seconds, those of each part. BAD_INPUT.md has 10 minutes for L1 and 5 for L2,
an hour for L7."""


def main() -> None:
    """Run the tests that were named, or all but the soak."""
    parser = argparse.ArgumentParser(description="Lightbox under load.")
    parser.add_argument("names", nargs="*", metavar="TEST", help=", ".join(TESTS))
    parser.add_argument("--seconds", type=float, help="for each part of each test")
    chosen = parser.parse_args()
    names = [name for name in TESTS if name in (chosen.names or [*TESTS][:-1])]
    with tempfile.TemporaryDirectory() as folder:
        lightbox = prepared(Path(folder))
        try:
            bench = Bench(lightbox, Path(folder))
            bench.measure()
            for name in names:
                test, seconds = TESTS[name]
                bench.seconds = chosen.seconds or seconds
                print(f"{name} {(test.__doc__ or '').splitlines()[0]}", flush=True)
                test(bench)
        finally:
            lightbox.stop()


def prepared(folder: Path) -> Lightbox:
    """Return a running Lightbox with the model `mobile`, and leave the pictures in `folder`."""
    os.environ["LIGHTBOX_HOME"] = str(folder / "home")
    settings.cache_clear()
    publish_random(folder)
    (folder / "good.jpg").write_bytes(picture())
    (folder / "corpus").mkdir()
    for i, row in enumerate(corpus.IMAGES):
        (folder / "corpus" / str(i)).write_bytes(row.make())
    lightbox = Lightbox(folder / "home")
    lightbox.start()
    lightbox.wait_ready(120)
    return lightbox


if __name__ == "__main__":
    main()
