"""A run after an epoch: the pinned images with their attention, and the confusions."""

from __future__ import annotations

from base64 import b64encode

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.core.data.dataset import Dataset
from dashboard.core.explain.overlay import overlay
from dashboard.core.images import encode_png, fit
from dashboard.core.runs.epochs import EpochReport, reported_epochs
from dashboard.core.runs.tracking import Run
from dashboard.core.tasks import spans
from dashboard.ui import charts
from dashboard.ui.steady_chart import steady_chart
from dashboard.ui.text import literal, t

_SIDE = 112
_OPACITY = 0.6
_MAX_CLASSES = 30


def look_back(run: Run) -> int | None:
    """Draw the choice of an epoch of a run that goes on, and return it; None for the newest.

    It stays with the newest one until another is chosen, and then with that one.
    """
    epochs = reported_epochs(run.id)
    if len(epochs) < 2:
        return None
    key, following = f"epoch-{run.id}", f"newest-epoch-{run.id}"
    if st.session_state.get(following, True):
        st.session_state[key] = epochs[-1]

    def choose() -> None:
        st.session_state[following] = st.session_state[key] == epochs[-1]

    chosen = st.select_slider(t("After epoch"), epochs, key=key, on_change=choose)
    return None if chosen == epochs[-1] else chosen


def epoch_view(dataset: Dataset, report: EpochReport, number: int) -> None:
    """Draw the pinned images and the confusions after an epoch.

    Args:
        dataset: That the run learns from.
        report: Of the epoch.
        number: Of the task that is shown, from 0.
    """
    _pinned(dataset, report, number)
    _classes(dataset, report, number)


def _pinned(dataset: Dataset, report: EpochReport, number: int) -> None:
    heats = report.heat[number]
    st.caption(
        t(
            "Validation images and what the network says of them. Warm colours: where it looks "
            "for its answer."
        )
    )
    with st.container(horizontal=True):
        for place, image_id in enumerate(report.ids):
            with st.container(width=_SIDE + 24):
                heat = heats[place] if len(heats) else None
                st.html(_picture(dataset, image_id, heat))
                st.caption(_answer(dataset, report, place, number))


def _answer(dataset: Dataset, report: EpochReport, place: int, number: int) -> str:
    if not report.epoch:
        return "–"
    task, span = dataset.tasks[number], spans(dataset.tasks)[number]
    found, target = report.probabilities[place, span], report.targets[place]
    if task.several:
        given = np.flatnonzero(found > 0.5).tolist()
        right, text = given == np.flatnonzero(target).tolist(), literal(dataset.label(given)) or "–"
    else:
        answer = int(found.argmax())
        right = answer == (target if report.targets.ndim == 1 else target[span].argmax())
        text = f"{literal(task.classes[answer])} {found[answer]:.0%}"
    return f"{':material/check:' if right else ':material/close:'} {text}"


@st.cache_data(max_entries=256, show_spinner=False)  # a live page asks twice a second
def _drawn(_dataset: Dataset, version: str, image_id: str, heat: np.ndarray | None) -> str:
    image = encode_png(fit(_dataset.pixels(image_id), _SIDE, _SIDE, 3))
    if heat is not None:
        scaled = Image.fromarray(heat).resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
        image = overlay(image, encode_png(np.asarray(scaled)), _OPACITY)
    return b64encode(image).decode()


def _picture(dataset: Dataset, image_id: str, heat: np.ndarray | None) -> str:
    """Return the picture inside the page: a file of its own may be gone when it is asked for."""
    data = _drawn(dataset, f"{dataset.name}/{dataset.version}", image_id, heat)
    return f'<img alt="" width="{_SIDE}" height="{_SIDE}" src="data:image/png;base64,{data}">'


def _classes(dataset: Dataset, report: EpochReport, number: int) -> None:
    classes, span = dataset.tasks[number].classes, spans(dataset.tasks)[number]
    if not report.confusion.size or len(classes) > _MAX_CLASSES:
        return
    confusion = report.confusion[span, span]
    left, right = st.columns(2)
    steady_chart(left, charts.confusion(confusion, classes), "confusion")
    steady_chart(right, charts.class_accuracy(confusion, classes), "class-accuracy")
