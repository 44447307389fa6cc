"""Where a run is, in words."""

from __future__ import annotations

import datetime

from dashboard.core.runs.history import Curve
from dashboard.core.runs.progress import Progress
from dashboard.core.text import mark
from dashboard.ui.text import t

STAGE = {
    "queued": mark("waiting for its turn"),
    "starting": mark("starting TensorFlow, about 10 seconds"),
    "packing": mark("preparing the images"),
    "training": mark("training"),
    "testing": mark("measuring on the test images"),
    "saving": mark("saving the model"),
    "done": mark("done"),
}

POSITION = mark("epoch {epoch} of {epochs}, batch {step} of {steps}")


def position(now: Progress) -> str:
    """Return in words how far a run has come."""
    return t(POSITION, epoch=now.epoch, epochs=now.epochs, step=now.step, steps=now.steps)


def newest(curve: Curve, form: str) -> str:
    """Return the last value of a curve, formatted."""
    return f"{curve[-1][1]:{form}}" if curve else "–"


def duration_text(seconds: float | None) -> str:
    """Return seconds as minutes and seconds, and hours if there are any."""
    if seconds is None:
        return "–"
    return str(datetime.timedelta(seconds=round(seconds))).removeprefix("0:")
