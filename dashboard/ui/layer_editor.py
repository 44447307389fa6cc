"""Puts a network together layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.core.errors import InvalidInput
from dashboard.core.models.custom.kinds import get_kind
from dashboard.core.models.custom.layer_list import SIDES, Checked, LayerList, checking
from dashboard.core.models.custom.saved import load_layers, save_network, saved_names
from dashboard.ui import panels
from dashboard.ui.access import may_change
from dashboard.ui.design import go, read_design, selected, widget_key
from dashboard.ui.layer_controls import layer_controls
from dashboard.ui.layer_diagram import layer_diagram, shape_text
from dashboard.ui.text import literal, t

_N_CLASSES = 10


def layer_editor() -> None:
    """Draw the layers with their shapes and weights, their controls, and the diagram."""
    with panels.guard():
        network = read_design()
        rows, problem = _checked(network)
        left, right = st.columns([5, 2], gap="medium")
        with right:
            layer_diagram(network, rows)
        with left:
            _input(network)
            _table(network, rows)
            layer_controls(network)
            if problem:
                raise problem
            if may_change():
                _save(network)


def _checked(network: LayerList) -> tuple[list[Checked], InvalidInput | None]:
    rows: list[Checked] = []
    try:
        for row in checking(network, _N_CLASSES):
            rows.append(row)
    except InvalidInput as error:
        return rows, error
    return rows, None


def _input(network: LayerList) -> None:
    names = saved_names()
    if names:
        key = widget_key(network, "open")
        st.selectbox(
            t("Open a saved network"),
            names,
            index=None,
            placeholder=t("Choose"),
            key=key,
            on_change=lambda: go(load_layers(st.session_state[key])),
        )
    columns = st.columns(3)
    for column, field, label in (
        (columns[0], "height", t("Height")),
        (columns[1], "width", t("Width")),
    ):
        column.number_input(
            label, *SIDES, value=getattr(network, field), **_changing_input(network, field)
        )
    columns[2].selectbox(
        t("Colour"),
        [3, 1],
        index=[3, 1].index(network.channels),
        format_func={3: t("colour"), 1: t("grey")}.__getitem__,
        **_changing_input(network, "channels"),
    )


def _changing_input(network: LayerList, field: str) -> dict[str, Any]:
    key = widget_key(network, field)

    def change() -> None:
        go(replace(network, **{field: st.session_state[key]}), selected(network))

    return {"key": key, "on_change": change}


def _table(network: LayerList, rows: Sequence[Checked]) -> None:
    layers = [
        (t(get_kind(layer.kind).label), ", ".join(map(str, layer.values.values())))
        for layer in network.layers
    ]
    found = [(shape_text(row.shape), row.weights) for row in rows]
    missing = [("?", None)] * (len(layers) + 1 - len(found))
    table = pd.DataFrame(
        [
            (*layer, *output)
            for layer, output in zip([*layers, ("logits", "")], found + missing, strict=True)
        ],
        columns=["layer", "settings", "output", "parameters"],
        index=range(1, len(layers) + 2),
    )
    st.dataframe(
        table,
        column_config={
            "layer": st.column_config.TextColumn(t("layer")),
            "settings": st.column_config.TextColumn(t("settings"), width=140),
            "output": st.column_config.TextColumn(t("output")),
            "parameters": st.column_config.NumberColumn(t("parameters"), format="localized"),
        },
        height="content",
    )
    total = sum(row.weights for row in rows)
    st.caption(
        t("{total} parameters with ten classes; pixel values are divided by 255 before the first "
          "layer.", total=f"{total:,}")
    )  # fmt: skip


def _save(network: LayerList) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    name = left.text_input(t("Save as"), max_chars=60, key="network-name")
    if right.button(t("Save"), icon=":material/save:", width="stretch", disabled=not name):
        save_network(name, network)
        st.success(
            t("Saved. Choose “custom:{name}” as network of a new run.", name=literal(name)),
            icon=":material/check:",
        )
