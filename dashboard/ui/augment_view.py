"""The augmentation lab: what training would see, and what a model makes of it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.serving.augmented import LabelledImage, Preview, PreviewQuestion
from dashboard.core.serving.client import engine
from dashboard.core.tasks import spans
from dashboard.core.training.recipe import augmentation_toml
from dashboard.ui import links, panels
from dashboard.ui.access import may_change
from dashboard.ui.augmentation_controls import PARAM, as_text, augmentation_controls
from dashboard.ui.effect_view import effect_view
from dashboard.ui.input_choice import Input, choose_input
from dashboard.ui.sample import choose_images, sample_seed
from dashboard.ui.text import literal, t

_IMAGES, _COPIES = 4, 4
_WIDTH = 92
_WHOLE = 0.995
"""From this share on a label is shown as if it were the only one."""


@st.cache_data(max_entries=32, show_spinner=False)
def _preview(question: str) -> Preview:
    return engine().preview(PreviewQuestion.model_validate_json(question))


def augment_view(dataset: Dataset) -> None:
    """Draw the controls, each image beside its results, and the effect on a model."""
    controls, stage = st.columns([1, 2], gap="large")
    with controls:
        chosen = choose_input(dataset)
        strengths = augmentation_controls(chosen.size.channels)
        ids = choose_images(dataset, _IMAGES)
    with stage:
        if not strengths:
            panels.empty(t("Choose an augmentation to see what it does."), ":material/tune:")
        with panels.guard():
            _results(dataset, ids, strengths, chosen)
    if strengths:
        with controls:
            _recipe(dataset, strengths)
        with stage, panels.guard():
            effect_view(dataset, strengths)


def _results(
    dataset: Dataset, ids: list[str], strengths: Mapping[str, float], chosen: Input
) -> None:
    question = PreviewQuestion(
        dataset=dataset.name,
        version=dataset.version,
        strengths=dict(strengths),
        seed=sample_seed(),
        ids=tuple(ids),
        copies=_COPIES if strengths else 1,
        **chosen.size.model_dump(),
    )
    with st.spinner(t("Changing the images … the first time takes about 10 seconds.")):
        preview = _preview(question.model_dump_json())
    if strengths:
        st.caption(t("On the left the image as it comes, beside it what training would see."))
    for original, results in zip(preview.originals, preview.results, strict=True):
        with st.container(horizontal=True, gap="xsmall"):
            label = _label(dataset, original)
            _image(original, f"**{label}**", t("The image as it comes"))
            for result in results if strengths else ():
                _image(result, _label(dataset, result), t("Changed image"))


def _image(image: LabelledImage, caption: str, alt: str) -> None:
    st.image(image.png, caption=caption, width=_WIDTH, alt=alt)


def _label(dataset: Dataset, image: LabelledImage) -> str:
    """Write the label, with its shares if it is a mixture, task by task: `3 (70%) · 8 (30%)`."""
    whole = all(share >= _WHOLE for _, share in image.shares)
    return " · ".join(
        literal(dataset.label([index])) + ("" if whole else f" ({share:.0%})")
        for span in spans(dataset.tasks)
        for index, share in image.shares
        if span.start <= index < span.stop
    )


def _recipe(dataset: Dataset, strengths: Mapping[str, float]) -> None:
    st.write(t("For a recipe:"))
    st.code(augmentation_toml(strengths), language="toml")
    if may_change():
        links.page_link(
            "train",
            t("Train with this"),
            "model_training",
            **{"dataset": dataset.name, PARAM: as_text(strengths)},
        )
