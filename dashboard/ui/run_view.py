"""One run, live: where it is, its curves, how it ended, what to do with it."""

from __future__ import annotations

import datetime

import streamlit as st

from dashboard.core.errors import NotFound
from dashboard.core.runs import tracking
from dashboard.core.runs.epochs import load_epoch, reported_epochs
from dashboard.core.runs.history import History, smoothed
from dashboard.core.runs.progress import Progress, progress
from dashboard.core.runs.tracking import Run
from dashboard.core.text import mark
from dashboard.core.training.notices import notices
from dashboard.ui import charts, panels
from dashboard.ui.access import may_change
from dashboard.ui.data import load_dataset
from dashboard.ui.epoch_view import epoch_view
from dashboard.ui.publish_form import publish_form
from dashboard.ui.run_actions import run_actions
from dashboard.ui.text import literal, sentence, t

_REFRESH_S = 0.5
_KEYS = (
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
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
}
"""Status, or why a run that can go on was halted → its name, colour and icon."""

STAGE = {
    "queued": mark("waiting for its turn"),
    "starting": mark("starting TensorFlow, about 10 seconds"),
    "packing": mark("preparing the images"),
    "training": mark("training"),
    "testing": mark("measuring on the test images"),
    "saving": mark("saving the model"),
    "done": mark("done"),
}


@st.cache_resource(max_entries=32, show_spinner=False)
def _history(run_id: str) -> History:
    return History(run_id, _KEYS)


def run_view(run_id: str) -> None:
    """Draw a run; while it is active, redraw it by itself."""
    status = tracking.get_run(run_id).status

    @st.fragment(run_every=_REFRESH_S if status in tracking.ACTIVE else None)
    def live() -> None:
        with panels.guard():
            run = tracking.get_run(run_id)
            if run.status != status:
                st.rerun()  # the rest of the page shows the status too
            _draw(run)

    live()


def _draw(run: Run) -> None:
    label, colour, icon = STATUS[run.tags.get("halted") or run.status]
    title, badge, action = st.columns([5, 2, 3], vertical_alignment="center")
    title.subheader(literal(run.name), anchor=False)
    badge.badge(t(label), color=colour, icon=icon)
    if may_change():
        with action:
            run_actions(run)
    curves = _history(run.id).curves()
    if run.active:
        _progress(run, curves)
    if run.error:
        st.error(literal(sentence(run.error)), icon=":material/error:")
    for note in run.notes:
        st.warning(literal(sentence(note)), icon=":material/healing:")
    if "test_accuracy" in run.metrics:
        _result(run)
    if curves["loss"]:
        left, right = st.columns(2)
        for place, key, name in ((left, "loss", t("Loss")), (right, "accuracy", t("Accuracy"))):
            figure = charts.learning_curve(
                curves[key], smoothed(curves[key]), curves[f"val_{key}"], name, _unfrozen_at(run)
            )
            place.plotly_chart(figure, key=f"curve-{key}", config={"displayModeBar": False})
        _notices(run, curves)
        epoch_view(run)
        with st.expander(t("Learning rate and gradient")):
            _more_curves(curves)
    with st.expander(t("Recipe of this run")):
        recipe = tracking.recipe_of(run.id)
        st.code(recipe, language="toml")
        st.download_button(
            t("Download the recipe"), recipe, f"{run.id[:8]}.toml", icon=":material/download:"
        )


def _progress(run: Run, curves: dict[str, list[tuple[int, float]]]) -> None:
    stage = run.tags.get("stage", "queued")
    now = progress(run, curves["loss"], curves["images_per_second"])
    text = t(STAGE.get(stage, stage))
    if stage == "training" and now.steps:
        st.progress(
            min(now.step / now.steps, 1.0),
            t(
                "epoch {epoch} of {epochs}, batch {step} of {steps}",
                epoch=now.epoch,
                epochs=now.epochs,
                step=now.step,
                steps=now.steps,
            ),
        )
        left, middle, right = st.columns(3)
        left.metric(t("Images per second"), f"{now.images_per_second:,.0f}")
        middle.metric(t("Time left"), _range(now))
        right.metric(t("Loss"), f"{curves['loss'][-1][1]:.3f}" if curves["loss"] else "–")
        return
    done, _, total = run.tags.get("stage_count", "").partition("/")
    if stage == "packing" and total:
        st.progress(min(int(done) / int(total), 1.0), f"{text}: {done} / {total}")
    else:
        st.status(text, state="running")


def _unfrozen_at(run: Run) -> int | None:
    """Return the batch at which the second phase of a transfer begins."""
    frozen = int(run.params.get("frozen_epochs", 0))
    second = frozen < int(run.params.get("epochs", 0)) and int(run.params.get("unfreeze", 0))
    return frozen * int(run.tags.get("steps_per_epoch", 0)) if second else None


def _notices(run: Run, curves: dict[str, list[tuple[int, float]]]) -> None:
    epochs = reported_epochs(run.id)
    confusion = load_epoch(run.id, epochs[-1]).confusion if epochs else None
    try:
        classes = load_dataset(run.params["dataset"], run.tags.get("dataset_version")).classes
    except NotFound:
        return
    for note in notices(curves["loss"], curves["val_loss"], confusion, classes):
        st.warning(literal(sentence(note)), icon=":material/lightbulb:")


def _more_curves(curves: dict[str, list[tuple[int, float]]]) -> None:
    left, right = st.columns(2)
    names = (
        (left, "learning_rate", t("Learning rate")),
        (right, "gradient_norm", t("Gradient norm")),
    )
    for place, key, name in names:
        figure = charts.learning_curve(curves[key], [], [], name)
        place.plotly_chart(figure, key=f"curve-{key}", config={"displayModeBar": False})


def _range(now: Progress) -> str:
    if now.eta_s is None or now.eta_range_s is None:
        return "–"
    low, high = (_duration(seconds) for seconds in now.eta_range_s)
    return low if low == high else f"{low} – {high}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return str(datetime.timedelta(seconds=round(seconds))).removeprefix("0:")


def _result(run: Run) -> None:
    value = run.metrics["test_accuracy"]
    low, high = run.metrics["test_accuracy_low"], run.metrics["test_accuracy_high"]
    left, middle, right = st.columns(3)
    left.metric(t("Test accuracy"), f"{value:.1%}", border=True)
    middle.metric(t("95 % interval"), f"{low:.1%} – {high:.1%}", border=True)
    right.metric(t("Took"), _duration(run.seconds), border=True)
    if not run.active and may_change():
        publish_form(run)
