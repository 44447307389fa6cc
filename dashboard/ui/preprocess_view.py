"""Images on their way into a network: cropped, resized, scaled."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.models.preprocessing import Preprocessing, Step, preprocess
from dashboard.ui.input_choice import Input, choose_input
from dashboard.ui.sample import choose_images
from dashboard.ui.text import literal, t

_IMAGES = 3


def preprocess_view(dataset: Dataset) -> None:
    """Draw the rule in words, and some images before and after each step."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        chosen = choose_input(dataset)
    with right:
        ids = choose_images(dataset, _IMAGES)
    st.write(_rule(chosen))
    for image_id in ids:
        pixels = dataset.pixels(image_id)
        name = literal(dataset.label(dataset.row(image_id)["labels"]))
        _steps(name, preprocess(pixels, chosen.size, chosen.value_range))


def _rule(chosen: Input) -> str:
    size = chosen.size
    sentences = [
        t(
            "The middle is cut out in the shape of the input and scaled to {width} × {height} "
            "pixels: bilinear, and averaging where it gets smaller.",
            width=size.width,
            height=size.height,
        ),
        t("Colours become grey by their luminance (ITU-R 601).")
        if size.channels == 1
        else t("Grey images get three equal channels."),
    ]
    if chosen.value_range:
        low, high = chosen.value_range
        sentences.append(
            t(
                "The network's own first layer turns 0 into {low:g} and 255 into {high:g}.",
                low=low,
                high=high,
            )
        )
    return "\n".join(f"1. {sentence}" for sentence in sentences)


def _steps(name: str, steps: Preprocessing) -> None:
    first, second, third = st.columns(3)
    title = t("{label}, as imported", label=name)
    if steps.cropped:
        title = t("{label}, as imported; the dark part is cut away", label=name)
    _step(first, title, steps.original)
    _step(second, t("Resized"), steps.resized)
    if steps.scaled:
        _step(third, t("Scaled: the same picture in other numbers"), steps.scaled)


def _step(place: Any, title: str, step: Step) -> None:
    height, width, channels = step.values.shape
    numbers = t(
        "{width} × {height} × {channels}, from {least:.3g} to {most:.3g}, mean {mean:.3g}",
        width=width, height=height, channels=channels,
        least=step.least, most=step.most, mean=step.mean,
    )  # fmt: skip
    place.image(
        step.picture,
        caption=f"{title}  \n{numbers}",
        width="stretch",
        output_format="PNG",  # a JPEG would blur the pixels
        alt=title,
    )
