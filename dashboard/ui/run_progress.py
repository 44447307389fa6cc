"""Where an active run is: its stage, how far, how fast, and what it takes."""

from __future__ import annotations

import datetime

import streamlit as st

from dashboard.core.runs.history import Curve, Curves
from dashboard.core.runs.moment import Moment
from dashboard.core.runs.progress import Progress
from dashboard.core.runs.tracking import Run
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


def progress_view(run: Run, shown: Moment) -> None:
    """Draw the stage of an active run, and while it trains its position, speed and memory."""
    stage, now = run.tags.get("stage", "queued"), shown.progress
    text = t(STAGE.get(stage, stage))
    if stage == "training" and now.steps:
        st.progress(
            min(now.step / now.steps, 1.0),
            position(now),
        )
        _figures(run, now, shown.curves)
        return
    done, _, total = run.tags.get("stage_count", "").partition("/")
    if stage == "packing" and total:
        st.progress(min(int(done) / int(total), 1.0), f"{text}: {done} / {total}")
    else:
        st.status(text, state="running")


def position(now: Progress) -> str:
    """Return in words how far a run has come."""
    return t(
        "epoch {epoch} of {epochs}, batch {step} of {steps}",
        epoch=now.epoch, epochs=now.epochs, step=now.step, steps=now.steps,
    )  # fmt: skip


def _figures(run: Run, now: Progress, curves: Curves) -> None:
    figures = {
        t("Time left"): _range(now),
        t("Loss"): newest(curves["loss"], ".3f"),
        t("Images per second"): f"{now.images_per_second:,.0f}",
        t("Memory"): _megabytes(run.metrics.get("memory_mb")),
    }
    if "gpu_memory_mb" in run.metrics:
        figures[t("GPU memory")] = _megabytes(run.metrics["gpu_memory_mb"])
    for place, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        place.metric(name, value)


def newest(curve: Curve, form: str) -> str:
    """Return the last value of a curve, formatted."""
    return f"{curve[-1][1]:{form}}" if curve else "–"


def _megabytes(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} MB"


def _range(now: Progress) -> str:
    if now.eta_s is None or now.eta_range_s is None:
        return "–"
    low, high = (duration_text(seconds) for seconds in now.eta_range_s)
    return low if low == high else f"{low} – {high}"


def duration_text(seconds: float | None) -> str:
    """Return seconds as minutes and seconds, and hours if there are any."""
    if seconds is None:
        return "–"
    return str(datetime.timedelta(seconds=round(seconds))).removeprefix("0:")
