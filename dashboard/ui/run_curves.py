"""The curves of a run up to a moment, and what they say in words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.images import Note
from dashboard.core.runs.epochs import load_epoch, reported_epochs
from dashboard.core.runs.history import Curves, smoothed, thinned
from dashboard.core.runs.live import revision
from dashboard.core.runs.moment import Moment, moment
from dashboard.core.runs.tracking import Run
from dashboard.core.tasks import Task
from dashboard.core.training.notices import notices
from dashboard.ui import charts
from dashboard.ui.live_view import LiveChart, live_view
from dashboard.ui.range_test_view import is_range_test, live_range_test
from dashboard.ui.steady_chart import steady_chart
from dashboard.ui.text import literal, sentence, t

_SAMPLES = 40


def followed_curves(run: Run, tasks: Sequence[Task], curves: Curves, accuracy: str) -> None:
    """Let the browser follow the loss and accuracy of an active run; the arguments as there."""
    unfrozen = _unfrozen_at(run)
    mark = (unfrozen, t("backbone unfrozen")) if unfrozen else None
    followed = [
        LiveChart(key, name, t("batch"), mark=mark) for key, name in _names(tasks, accuracy)
    ]
    if is_range_test(run):
        followed.append(live_range_test(curves))
    live_view(run, revision(run, curves["loss"]), followed)


def run_curves(
    run: Run, tasks: Sequence[Task], curves: Curves, shown: Moment, accuracy: str
) -> None:
    """Draw the loss and accuracy of a run that is over, with the axes of the whole.

    Args:
        run: Which run.
        tasks: What it learns.
        curves: All there are.
        shown: Up to where they are drawn.
        accuracy: The metric of the task that is shown.
    """
    for place, (key, name) in zip(st.columns(2), _names(tasks, accuracy), strict=True):
        batches = thinned(curves[key])
        figure = charts.learning_curve(
            batches, smoothed(batches), thinned(curves[f"val_{key}"]), name, _unfrozen_at(run),
            shown.step,
        )  # fmt: skip
        steady_chart(place, figure, f"curve-{key}")


def _names(tasks: Sequence[Task], accuracy: str) -> tuple[tuple[str, str], ...]:
    several = any(task.several for task in tasks)
    label = t("Images with all labels right") if several else t("Accuracy")
    return ("loss", t("Loss")), (accuracy, label)


def more_curves(run: Run, curves: Curves, shown: Moment) -> None:
    """Draw learning rate and gradient, on request."""
    box = st.expander(t("Learning rate and gradient"), key="more-curves", on_change="rerun")
    if not box.open:
        return
    names = (("learning_rate", t("Learning rate")), ("gradient_norm", t("Gradient norm")))
    if run.active:
        with box:
            followed = [LiveChart(key, name, t("batch"), ("batches",)) for key, name in names]
            live_view(run, "", followed, progress=False)
        return
    for place, (key, name) in zip(box.columns(2), names, strict=True):
        figure = charts.learning_curve(thinned(curves[key]), [], [], name, until=shown.step)
        steady_chart(place, figure, f"curve-{key}")


def _unfrozen_at(run: Run) -> int | None:
    """Return the batch at which the second phase of a transfer begins."""
    frozen = int(run.params.get("frozen_epochs", 0))
    second = frozen < int(run.params.get("epochs", 0)) and int(run.params.get("unfreeze", 0))
    return frozen * int(run.tags.get("steps_per_epoch", 0)) if second else None


def run_notices(run: Run, tasks: Sequence[Task], curves: Curves, shown: Moment) -> None:
    """Draw what is to be said at `shown`; of a run that is over, with room for all there is."""
    room = 0 if run.active else _most(run.id, run.ended, tuple(tasks), run, curves)
    with st.container(key=f"notices-{room}"):
        if room:
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
