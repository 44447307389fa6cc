"""The curves of several runs laid over each other; while one is active they go on by themselves."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.evaluate.wording import letters
from dashboard.core.runs import tracking
from dashboard.core.runs.axes import Axis, along, training_clock
from dashboard.core.runs.history import Curve, history_of, smoothed
from dashboard.core.runs.tracking import Run
from dashboard.ui import compare_charts, panels
from dashboard.ui.text import t
from dashboard.ui.url import url_tabs

_REFRESH_S = 2.0
_KEYS = ("loss", "val_loss", "val_accuracy")


@st.cache_data(max_entries=64, show_spinner=False)
def _clock(run_id: str, batch_size: int, last_step: int) -> Curve:
    return training_clock(tracking.history(run_id, "images_per_second"), batch_size)


def compare_curves(runs: Sequence[Run]) -> None:
    """Draw validation loss and accuracy and the smoothed training loss of each run."""
    active = any(run.active for run in runs)

    @st.fragment(run_every=_REFRESH_S if active else None)
    def live() -> None:
        with panels.guard():
            now = [tracking.get_run(run.id) if run.active else run for run in runs]
            if [run.status for run in now] != [run.status for run in runs]:
                st.rerun()  # the rest of the page shows what has ended
            _draw(now)

    live()


def _draw(runs: Sequence[Run]) -> None:
    axes: dict[str, tuple[Axis, str]] = {
        "epoch": ("epoch", t("epoch")),
        "batch": ("batch", t("batch")),
        "seconds": ("seconds", t("seconds of training")),
    }
    chosen = url_tabs(t("Along"), {key: name for key, (_, name) in axes.items()}, "axis")
    axis, axis_title = axes[chosen]
    names = list(letters([run.id for run in runs]).values())
    found = [history_of(run.id).curves(_KEYS) for run in runs]
    if not any(curves["loss"] for curves in found):
        panels.empty(t("None of them has trained a batch yet."))
        return
    smooth = [{**curves, "loss": smoothed(curves["loss"])} for curves in found]
    charts = (
        ("val_loss", t("Validation loss"), True),
        ("val_accuracy", t("Validation accuracy"), True),
        ("loss", t("Training loss, smoothed"), False),
    )
    for place, (key, title, markers) in zip(st.columns(3), charts, strict=True):
        points = [
            _along(run, curves[key], axis, curves["loss"])
            for run, curves in zip(runs, smooth, strict=True)
        ]
        figure = compare_charts.curves(points, names, title, axis_title, markers)
        place.plotly_chart(figure, key=f"compare-{key}", config={"displayModeBar": False})


def _along(
    run: Run, curve: Curve, axis: Axis, trained: Curve
) -> tuple[Sequence[float], Sequence[float]]:
    clock: Curve = []
    if axis == "seconds" and trained:
        clock = _clock(run.id, int(run.params["batch_size"]), trained[-1][0])
    return along(curve, axis, int(run.tags.get("steps_per_epoch", 0)), clock)
