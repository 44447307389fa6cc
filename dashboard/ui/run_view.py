"""One run: followed while it goes on, with a replay once it is over, and what to do with it."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.runs import control, tracking
from dashboard.core.runs.epochs import load_epoch, reported_epochs
from dashboard.core.runs.history import Curves, history_of, recorded
from dashboard.core.runs.live import run_now
from dashboard.core.runs.moment import Moment, moment
from dashboard.core.runs.tracking import Run
from dashboard.core.sweeps.trials import was_pruned
from dashboard.core.text import mark
from dashboard.ui import panels
from dashboard.ui.access import may_change
from dashboard.ui.data import dataset_of
from dashboard.ui.epoch_view import epoch_view, look_back
from dashboard.ui.publish_form import publish_form
from dashboard.ui.range_test_view import is_range_test, range_test_view
from dashboard.ui.replay import FRAGMENT, replay
from dashboard.ui.run_actions import run_actions
from dashboard.ui.run_curves import followed_curves, more_curves, run_curves, run_notices
from dashboard.ui.run_progress import position
from dashboard.ui.run_result import run_result
from dashboard.ui.snapshot_view import snapshot_view
from dashboard.ui.task_choice import choose_task
from dashboard.ui.text import literal, sentence, t
from dashboard.ui.trial_note import trial_note

_KEYS = (
    "loss",
    "val_loss",
    "images_per_second",
    "gradient_norm",
    "learning_rate",
)

STATUS = {
    "SCHEDULED": (mark("waiting"), "gray", ":material/schedule:"),
    "RUNNING": (mark("running"), "blue", ":material/play_circle:"),
    "FINISHED": (mark("finished"), "green", ":material/check_circle:"),
    "FAILED": (mark("failed"), "red", ":material/error:"),
    "KILLED": (mark("stopped"), "orange", ":material/stop_circle:"),
    "pause": (mark("paused"), "orange", ":material/pause_circle:"),
    "interrupt": (mark("interrupted"), "orange", ":material/pause_circle:"),
    "pruned": (mark("stopped early"), "orange", ":material/content_cut:"),
}
"""Status, or more exactly what happened → its name, colour and icon; see `status_key`."""


def status_key(run: Run) -> str:
    """Return the key of `STATUS` for a run."""
    return run.tags.get("halted") or ("pruned" if was_pruned(run) else run.status)


@st.cache_data(max_entries=32, show_spinner=False)
def _recorded(run_id: str, ended: float | None, keys: tuple[str, ...]) -> Curves:
    return recorded(run_id, keys)


def _curves(run: Run, accuracy: str) -> Curves:
    keys = (*_KEYS, accuracy, f"val_{accuracy}")
    return history_of(run.id).curves(keys) if run.active else _recorded(run.id, run.ended, keys)


def run_view(run_id: str) -> None:
    """Draw a run; while it is active it is followed; once it is over, with a replay."""
    found = run_now(run_id)
    status = found.status

    @st.fragment(key=FRAGMENT)
    def live() -> None:
        with panels.guard():
            run = run_now(run_id)
            if run.status != status:
                st.rerun()  # the rest of the page shows the status too
            _draw(run)
            snapshot_view(run)

    live()
    _recipe(found)


def _recipe(run: Run) -> None:
    with st.expander(t("Recipe of this run")):
        recipe = tracking.recipe_of(run.id)
        st.code(recipe, language="toml")
        st.download_button(
            t("Download the recipe"), recipe, f"{run.id[:8]}.toml", icon=":material/download:"
        )


def _draw(run: Run) -> None:
    _header(run)
    dataset = dataset_of(run)
    number = choose_task(
        dataset.tasks if dataset else (),
        t("Below is what concerns this task; the loss is the sum over all of them."),
    )
    curves = _curves(run, _accuracy(dataset, number))

    def draw(shown: Moment) -> None:
        with st.container(key="moment"):
            _moment(run, dataset, number, curves, shown)

    if not run.active and curves["loss"] and reported_epochs(run.id):
        replay(run, curves, draw)
        return
    now = moment(run, curves)
    if control.resumable(run):
        st.caption(position(now.progress))
    draw(now)


def _accuracy(dataset: Dataset | None, number: int) -> str:
    """Return the metric of the task `number`, from 0."""
    return f"accuracy_{number + 1}" if dataset and len(dataset.tasks) > 1 else "accuracy"


def _header(run: Run) -> None:
    label, colour, icon = STATUS[status_key(run)]
    title, badge, action = st.columns([5, 2, 4], vertical_alignment="center")
    title.subheader(literal(run.name), anchor=False)
    badge.badge(t(label), color=colour, icon=icon)
    if may_change():
        with action:
            run_actions(run)
    trial_note(run)
    if run.error:
        st.error(literal(sentence(run.error)), icon=":material/error:")
    for note in run.notes:
        st.warning(literal(sentence(note)), icon=":material/healing:")


def _moment(run: Run, dataset: Dataset | None, number: int, curves: Curves, shown: Moment) -> None:
    """Draw a run as it was, or is.

    Args:
        run: Which run.
        dataset: That it learns from.
        number: Of the task that is shown, from 0.
        curves: All there are of the run.
        shown: What is shown of it.
    """
    tasks = dataset.tasks if dataset else ()
    accuracy = _accuracy(dataset, number)
    if run.active:
        followed_curves(run, tasks, curves, accuracy)
    if "test_accuracy" in run.metrics or (not run.active and curves["loss"]):
        run_result(run, tasks, shown)
    if "test_accuracy" in run.metrics and not run.active and may_change():
        publish_form(run)
    if not curves["loss"]:
        return
    if not run.active:
        run_curves(run, tasks, curves, shown, accuracy)
    if is_range_test(run):
        if not run.active and shown.newest:
            range_test_view(run, curves)
    elif dataset:
        run_notices(run, tasks, curves, shown)
    if dataset:
        epoch = look_back(run) if run.active else None
        report = load_epoch(run.id, epoch) if epoch else shown.report
        if report:
            epoch_view(dataset, report, number)
    more_curves(run, curves, shown)
