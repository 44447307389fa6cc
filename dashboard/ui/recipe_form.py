"""The controls of a recipe. They follow its fields and the catalogues."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.core.models.networks import get_network, network_labels
from dashboard.core.models.transfer_network import TRANSFER
from dashboard.core.text import mark
from dashboard.core.training.recipe import Recipe
from dashboard.ui.augmentation_controls import PARAM, augmentation_controls
from dashboard.ui.data import choose_dataset, load_dataset
from dashboard.ui.network_table import network_table
from dashboard.ui.recipe_settings import choice, class_shares, field_help, more_settings
from dashboard.ui.recipe_start import choose_start
from dashboard.ui.text import t
from dashboard.ui.transfer_form import transfer_form


def recipe_form() -> dict[str, Any]:
    """Draw the controls and return the fields of the recipe they describe."""
    chosen, start = choose_start()

    def key(field: str) -> str:
        return f"recipe-{chosen}-{field}"  # other defaults, so other widgets

    fields: dict[str, Any] = {
        "dataset": choose_dataset(start.dataset, field_help("dataset")),
        "network": _network(start, key("network")),
    }
    dataset = load_dataset(fields["dataset"]) if fields["dataset"] else None
    if dataset and dataset.task == "multi_label":
        start = start.model_copy(update={"loss": "binary_crossentropy"})
        chosen = f"{chosen}-several"  # other defaults here too
    if fields["network"] == TRANSFER:
        fields |= transfer_form(start, key)
    network = get_network(fields["network"])
    st.caption(t(network.description))
    network_table()
    if network.free_input:
        fields |= _input(start, key)
    left, right = st.columns(2)
    # No limits here: a browser would keep the last allowed number without a word. The recipe
    # refuses what is out of range with a sentence.
    fields["epochs"] = left.number_input(
        t("Epochs"), value=start.epochs, key=key("epochs"), help=field_help("epochs")
    )
    fields["batch_size"] = right.number_input(
        t("Batch size"), value=start.batch_size, key=key("batch"), help=field_help("batch_size")
    )
    with left:
        fields["optimizer"] = choice("optimizer", t("Optimiser"), start, key)
    fields["learning_rate"] = right.number_input(
        t("Learning rate"),
        value=start.learning_rate,
        step=start.learning_rate / 10,
        format="%.5f",
        key=key("rate"),
        help=field_help("learning_rate"),
    )
    with st.expander(t("More settings")):
        fields |= more_settings(start, key)
        if dataset:
            class_shares(dataset, fields)
    with st.expander(t("Augmentation"), expanded=PARAM in st.query_params):
        channels = fields.get("channels", network.channels)
        fields["augmentation"] = augmentation_controls(channels, start.augmentation)
    return fields


def _network(start: Recipe, key: str) -> str:
    labels = network_labels() | {TRANSFER: mark("Transfer: starts from another network")}
    chosen = TRANSFER if start.network.startswith(TRANSFER) else start.network
    return st.selectbox(
        t("Network"),
        list(labels),
        index=list(labels).index(chosen) if chosen in labels else 0,
        format_func=lambda network: t(labels[network]),
        key=key,
    )


def _input(start: Recipe, key: Any) -> dict[str, int]:
    height, _, channels = start.input_shape
    left, right = st.columns(2)
    size = left.number_input(
        t("Image size"), value=height, step=4, key=key("size"), help=field_help("image_size")
    )
    colour = right.selectbox(
        t("Colour"),
        [3, 1],
        index=[3, 1].index(channels),
        format_func={3: t("colour"), 1: t("grey")}.__getitem__,
        key=key("channels"),
    )
    return {"image_size": size, "channels": colour}
