"""The curves of a run up to a moment, and what they say in words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.images import Note
from dashboard.core.runs.epochs import load_epoch, reported_epochs
from dashboard.core.runs.history import Curves, smoothed, thinned
from dashboard.core.runs.moment import Moment, moment
from dashboard.core.runs.tracking import Run
from dashboard.core.tasks import Task
from dashboard.core.training.notices import notices
from dashboard.ui import charts
from dashboard.ui.steady_chart import steady_chart
from dashboard.ui.text import literal, sentence, t

_SAMPLES = 40


def run_curves(
    run: Run, tasks: Sequence[Task], curves: Curves, shown: Moment, accuracy: str
) -> None:
    """Draw loss and accuracy.

    Args:
        run: Which run.
        tasks: What it learns.
        curves: All there are: those of a run that is over keep their axes.
        shown: Up to where they are drawn.
        accuracy: The metric of the task that is shown.
    """
    several = any(task.several for task in tasks)
    label = t("Images with all labels right") if several else t("Accuracy")
    left, right = st.columns(2)
    for place, key, name in ((left, "loss", t("Loss")), (right, accuracy, label)):
        batches = thinned(curves[key])
        figure = charts.learning_curve(
            batches, smoothed(batches), thinned(curves[f"val_{key}"]), name, _unfrozen_at(run),
            _until(run, shown),
        )  # fmt: skip
        steady_chart(place, figure, f"curve-{key}")


def more_curves(run: Run, curves: Curves, shown: Moment) -> None:
    """Draw learning rate and gradient, on request."""
    box = st.expander(t("Learning rate and gradient"), key="more-curves", on_change="rerun")
    if not box.open:  # closed it would cost the browser as much, twice a second
        return
    names = (("learning_rate", t("Learning rate")), ("gradient_norm", t("Gradient norm")))
    for place, (key, name) in zip(box.columns(2), names, strict=True):
        figure = charts.learning_curve(thinned(curves[key]), [], [], name, until=_until(run, shown))
        steady_chart(place, figure, f"curve-{key}")


def _until(run: Run, shown: Moment) -> int | None:
    return None if run.active else shown.step


def _unfrozen_at(run: Run) -> int | None:
    """Return the batch at which the second phase of a transfer begins."""
    frozen = int(run.params.get("frozen_epochs", 0))
    second = frozen < int(run.params.get("epochs", 0)) and int(run.params.get("unfreeze", 0))
    return frozen * int(run.tags.get("steps_per_epoch", 0)) if second else None


def run_notices(run: Run, tasks: Sequence[Task], curves: Curves, shown: Moment) -> None:
    """Draw what is to be said at `shown`; of a run that is over, with room for all there is."""
    room = 0 if run.active else _most(run.id, run.ended, tuple(tasks), run, curves)
    with st.container(key=f"notices-{room}"):
        st.empty()  # without anything in it, it would take no room
        for note in _notices(tasks, shown):
            st.warning(literal(sentence(note)), icon=":material/lightbulb:")


def _notices(tasks: Sequence[Task], shown: Moment) -> list[Note]:
    confusion = shown.report.confusion if shown.report else None
    return notices(shown.curves["loss"], shown.curves["val_loss"], confusion, tasks)


@st.cache_data(max_entries=32, show_spinner=False)
def _most(
    run_id: str, ended: float | None, tasks: tuple[Task, ...], _run: Run, _curves: Curves
) -> int:
    """Return how many notices there are at once at most; of a long run, at 40 of its epochs."""
    epochs = reported_epochs(run_id)
    steps = [load_epoch(run_id, epoch).step for epoch in epochs[:: len(epochs) // _SAMPLES + 1]]
    found = (len(_notices(tasks, moment(_run, _curves, step))) for step in steps)
    return max(found, default=0)
