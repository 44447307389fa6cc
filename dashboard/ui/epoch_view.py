"""A run epoch by epoch: the slider moves the pinned images, their attention and the confusions."""

from __future__ import annotations

from base64 import b64encode

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.core.data.dataset import Dataset
from dashboard.core.explain.overlay import overlay
from dashboard.core.images import encode_png, fit
from dashboard.core.runs.epochs import EpochReport, load_epoch, reported_epochs
from dashboard.core.runs.tracking import Run
from dashboard.core.tasks import spans
from dashboard.ui import charts
from dashboard.ui.data import dataset_of
from dashboard.ui.text import literal, t

_SIDE = 112
_OPACITY = 0.6
_MAX_CLASSES = 30


def epoch_view(run: Run, number: int) -> None:
    """Draw the reports of a run; while it trains, the newest one unless another is chosen.

    Args:
        run: Which run.
        number: Of the task that is shown, from 0.
    """
    epochs = reported_epochs(run.id)
    if not epochs:
        return
    chosen = epochs[-1]
    if len(epochs) > 1:
        key = f"epoch-{run.id}-{epochs[-1] if run.active else ''}"
        chosen = st.select_slider(t("After epoch"), epochs, value=epochs[-1], key=key)
    report = load_epoch(run.id, chosen)
    if dataset := dataset_of(run):
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
    config = {"displayModeBar": False}
    matrix = charts.confusion(confusion, classes)
    left.plotly_chart(matrix, key="confusion", config=config)
    bars = charts.class_accuracy(confusion, classes)
    right.plotly_chart(bars, key="class-accuracy", config=config)
