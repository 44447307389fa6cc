"""The controls of a recipe. They follow its fields and the catalogues."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st

from dashboard.core.data.augmentation import AUGMENTATIONS
from dashboard.core.models.networks import get_network, network_labels
from dashboard.core.training.recipe import Recipe, parse_toml, presets, recipe_text
from dashboard.ui.data import choose_dataset
from dashboard.ui.network_table import network_table
from dashboard.ui.text import t

_FROM_SCRATCH = "–"


def recipe_form() -> dict[str, Any]:
    """Draw the controls and return the fields of the recipe they describe."""
    preset = st.selectbox(
        t("Start from"),
        [_FROM_SCRATCH, *presets()],
        key="preset",
        bind="query-params",
        help=t("A preset fills in the settings below; each can be changed."),
    )
    text = recipe_text(preset) if preset != _FROM_SCRATCH else ""
    start = parse_toml(text) if text else Recipe()
    if text:
        with st.expander(t("The preset as a file")):
            st.code(text, language="toml")

    def key(field: str) -> str:
        return f"recipe-{preset}-{field}"  # another preset, other defaults: new widgets

    fields: dict[str, Any] = {
        "dataset": choose_dataset(start.dataset, _help("dataset")),
        "network": _network(start, key("network")),
    }
    network = get_network(fields["network"])
    st.caption(t(network.description))
    network_table()
    if network.free_input:
        fields |= _input(start, key)
    left, right = st.columns(2)
    # No limits here: a browser would keep the last allowed number without a word. The recipe
    # refuses what is out of range with a sentence.
    fields["epochs"] = left.number_input(
        t("Epochs"), value=start.epochs, key=key("epochs"), help=_help("epochs")
    )
    fields["batch_size"] = right.number_input(
        t("Batch size"), value=start.batch_size, key=key("batch"), help=_help("batch_size")
    )
    fields["optimizer"] = _choice("optimizer", t("Optimiser"), start, key("optimizer"), left)
    fields["learning_rate"] = right.number_input(
        t("Learning rate"),
        value=start.learning_rate,
        step=start.learning_rate / 10,
        format="%.5f",
        key=key("rate"),
        help=_help("learning_rate"),
    )
    with st.expander(t("More settings")):
        fields["schedule"] = _choice("schedule", t("Schedule"), start, key("schedule"), st)
        fields["loss"] = _choice("loss", t("Loss"), start, key("loss"), st)
        fields["seed"] = st.number_input(
            t("Seed"), value=start.seed, key=key("seed"), help=_help("seed")
        )
    with st.expander(t("Augmentation")):
        fields["augmentation"] = _augmentation(start, key)
    return fields


def _help(field: str) -> str:
    return t(str(Recipe.model_fields[field].description))


def _network(start: Recipe, key: str) -> str:
    labels = network_labels()
    return st.selectbox(
        t("Network"),
        list(labels),
        index=list(labels).index(start.network),
        format_func=lambda network: t(labels[network]),
        key=key,
    )


def _input(start: Recipe, key: Any) -> dict[str, int]:
    height, _, channels = start.input_shape
    left, right = st.columns(2)
    size = left.number_input(
        t("Image size"), value=height, step=4, key=key("size"), help=_help("image_size")
    )
    colour = right.selectbox(
        t("Colour"),
        [3, 1],
        index=[3, 1].index(channels),
        format_func={3: t("colour"), 1: t("grey")}.__getitem__,
        key=key("channels"),
    )
    return {"image_size": size, "channels": colour}


def _choice(field: str, label: str, start: Recipe, key: str, place: Any) -> str:
    choices = list(get_args(Recipe.model_fields[field].annotation))
    return place.selectbox(
        label, choices, index=choices.index(getattr(start, field)), key=key, help=_help(field)
    )


def _augmentation(start: Recipe, key: Any) -> dict[str, float]:
    strengths = {
        entry.id: st.slider(
            t(entry.label),
            0.0,
            entry.maximum,
            float(start.augmentation.get(entry.id, 0.0)),
            key=key(entry.id),
            help=t(entry.description),
        )
        for entry in AUGMENTATIONS
    }
    return {name: strength for name, strength in strengths.items() if strength}
