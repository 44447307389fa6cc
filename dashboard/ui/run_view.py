"""One run, live: where it is, its curves, how it ended, what to do with it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.core.runs import control, tracking
from dashboard.core.runs.epochs import load_epoch, reported_epochs
from dashboard.core.runs.history import Curve, history_of, smoothed
from dashboard.core.runs.live import revision, run_now
from dashboard.core.runs.progress import progress
from dashboard.core.runs.tracking import Run
from dashboard.core.tasks import Task
from dashboard.core.text import mark
from dashboard.core.training.notices import notices
from dashboard.ui import charts, panels
from dashboard.ui.access import may_change
from dashboard.ui.data import dataset_of
from dashboard.ui.epoch_view import epoch_view
from dashboard.ui.live_view import LiveChart, live_view
from dashboard.ui.publish_form import publish_form
from dashboard.ui.range_test_view import is_range_test, live_range_test, range_test_view
from dashboard.ui.run_actions import run_actions
from dashboard.ui.run_progress import duration_text, position
from dashboard.ui.snapshot_view import snapshot_view
from dashboard.ui.task_choice import choose_task
from dashboard.ui.text import literal, sentence, t

Curves = dict[str, Curve]

_BY_BATCH = ("loss", "learning_rate", "gradient_norm")

STATUS = {
    "SCHEDULED": (mark("waiting"), "gray", ":material/schedule:"),
    "RUNNING": (mark("running"), "blue", ":material/play_circle:"),
    "FINISHED": (mark("finished"), "green", ":material/check_circle:"),
    "FAILED": (mark("failed"), "red", ":material/error:"),
    "KILLED": (mark("stopped"), "orange", ":material/stop_circle:"),
    "pause": (mark("paused"), "orange", ":material/pause_circle:"),
    "interrupt": (mark("interrupted"), "orange", ":material/pause_circle:"),
}
"""Status, or why a run that can go on was halted → its name, colour and icon."""


def run_view(run_id: str) -> None:
    """Draw a run; while it is active, `live_view` has it drawn again when there is more to tell."""
    found = run_now(run_id)
    status = found.status

    @st.fragment
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
    label, colour, icon = STATUS[run.tags.get("halted") or run.status]
    title, badge, action = st.columns([5, 2, 4], vertical_alignment="center")
    title.subheader(literal(run.name), anchor=False)
    badge.badge(t(label), color=colour, icon=icon)
    if may_change():
        with action:
            run_actions(run)
    above, dataset = st.container(), dataset_of(run)
    tasks = dataset.tasks if dataset else ()
    number = choose_task(
        tasks, t("Below is what concerns this task; the loss is the sum over all of them.")
    )
    accuracy = f"accuracy_{number + 1}" if len(tasks) > 1 else "accuracy"
    keys = (*_BY_BATCH, accuracy, "val_loss", f"val_{accuracy}")
    curves = history_of(run.id).curves(keys)
    with above:
        if control.resumable(run):
            st.caption(position(progress(run, curves["loss"], [])))
        if run.error:
            st.error(literal(sentence(run.error)), icon=":material/error:")
        for note in run.notes:
            st.warning(literal(sentence(note)), icon=":material/healing:")
        if "test_accuracy" in run.metrics:
            _result(run, tasks)
    if run.active or curves["loss"]:
        _curves(run, tasks, curves, accuracy)
    if curves["loss"]:
        _notices(run, tasks, curves)
        epoch_view(run, number)
        more = st.expander(t("Learning rate and gradient"), key="more-curves", on_change="rerun")
        if more.open:
            with more:
                _more_curves(run, curves)


def _curves(run: Run, tasks: tuple[Task, ...], curves: Curves, accuracy: str) -> None:
    several = any(task.several for task in tasks)
    label = t("Images with all labels right") if several else t("Accuracy")
    shown = (("loss", t("Loss")), (accuracy, label))
    if run.active:
        unfrozen = _unfrozen_at(run)
        mark = (unfrozen, t("backbone unfrozen")) if unfrozen else None
        followed = [LiveChart(key, name, t("batch"), mark=mark) for key, name in shown]
        if is_range_test(run):
            followed.append(live_range_test(curves))
        live_view(run, revision(run, curves["loss"]), followed)
        return
    for place, (key, name) in zip(st.columns(2), shown, strict=True):
        figure = charts.learning_curve(
            curves[key], smoothed(curves[key]), curves[f"val_{key}"], name, _unfrozen_at(run)
        )
        place.plotly_chart(figure, key=f"curve-{key}", config={"displayModeBar": False})
    if is_range_test(run):
        range_test_view(run, curves)


def _unfrozen_at(run: Run) -> int | None:
    """Return the batch at which the second phase of a transfer begins."""
    frozen = int(run.params.get("frozen_epochs", 0))
    second = frozen < int(run.params.get("epochs", 0)) and int(run.params.get("unfreeze", 0))
    return frozen * int(run.tags.get("steps_per_epoch", 0)) if second else None


def _notices(run: Run, tasks: tuple[Task, ...], curves: Curves) -> None:
    if not tasks or is_range_test(run):  # of which much too high rates are a part
        return
    epochs = reported_epochs(run.id)
    confusion = load_epoch(run.id, epochs[-1]).confusion if epochs else None
    for note in notices(curves["loss"], curves["val_loss"], confusion, tasks):
        st.warning(literal(sentence(note)), icon=":material/lightbulb:")


def _more_curves(run: Run, curves: Curves) -> None:
    shown = (("learning_rate", t("Learning rate")), ("gradient_norm", t("Gradient norm")))
    if run.active:
        followed = [LiveChart(key, name, t("batch"), ("batches",)) for key, name in shown]
        live_view(run, "", followed, progress=False)
        return
    for place, (key, name) in zip(st.columns(2), shown, strict=True):
        figure = charts.learning_curve(curves[key], [], [], name)
        place.plotly_chart(figure, key=f"curve-{key}", config={"displayModeBar": False})


def _result(run: Run, tasks: tuple[Task, ...]) -> None:
    several = len(tasks) > 1
    label = t("Test accuracy, all tasks right") if several else t("Test accuracy")
    right = _measured(run, "test_accuracy", label)
    for number, task in enumerate(tasks if several else (), 1):
        label = t("Test accuracy, {task}", task=literal(task.name))
        _measured(run, f"test_accuracy_{number}", label)
    right.metric(t("Took"), duration_text(run.seconds), border=True)
    if not run.active and may_change():
        publish_form(run)


def _measured(run: Run, key: str, label: str) -> Any:
    """Draw an accuracy with its interval, and return the place beside them."""
    left, middle, right = st.columns(3)
    low, high = run.metrics[f"{key}_low"], run.metrics[f"{key}_high"]
    left.metric(label, f"{run.metrics[key]:.1%}", border=True)
    middle.metric(t("95 % interval"), f"{low:.1%} – {high:.1%}", border=True)
    return right
