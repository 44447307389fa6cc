"""Choosing the network whose input images are brought to."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.models.card import InputSpec
from dashboard.core.models.networks import NETWORKS
from dashboard.core.models.scaling import value_range
from dashboard.core.models.store import get_model, list_models
from dashboard.ui.text import t
from dashboard.ui.url import url_select


@dataclass(frozen=True)
class Input:
    """What a network gets.

    Attributes:
        size: Size of the images.
        value_range: What its first layer makes of 0 and of 255; None where that is not known.
    """

    size: InputSpec
    value_range: tuple[float, float] | None


def choose_input(dataset: Dataset) -> Input:
    """Draw the chooser: the published models, then the networks that can be trained."""
    cards = list_models()
    sizes = {f"model:{card.name}": card.input for card in cards}
    sizes |= {
        entry.id: InputSpec(height=entry.height, width=entry.width, channels=entry.channels)  # type: ignore[arg-type]
        for entry in NETWORKS
    }
    names = {f"model:{card.name}": t("Model {name}", name=card.name) for card in cards}
    names |= {entry.id: t(entry.label) for entry in NETWORKS}
    options = {
        key: f"{names[key]}, {size.height} × {size.width} × {size.channels}"
        for key, size in sizes.items()
    }
    fitting = [f"model:{card.name}" for card in cards if card.classes == dataset.classes]
    chosen = url_select(t("Input of"), options, "input", fitting[0] if fitting else "residual")
    key = chosen if chosen in sizes else "residual"
    return Input(sizes[key], _value_range(key))


def _value_range(key: str) -> tuple[float, float] | None:
    if key.startswith("model:"):
        model = get_model(key.removeprefix("model:"))
        return _of_model(model.card.name, model.card.version)
    return next(entry.value_range for entry in NETWORKS if entry.id == key)


@st.cache_data(max_entries=32, show_spinner=False)
def _of_model(name: str, version: str) -> tuple[float, float] | None:
    return value_range(get_model(name, version))
