"""The controls of one layer of a custom network: choose, set, move, remove, add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.core.models.custom.kinds import KINDS, Choice, get_kind
from dashboard.core.models.custom.layer_list import Layer, LayerList, default_layer
from dashboard.ui.design import go, selected, widget_key
from dashboard.ui.text import t


def layer_controls(network: LayerList) -> None:
    """Draw the controls; each change goes into the URL."""
    at = selected(network)
    if network.layers:
        _choose(network, at)
        _parameters(network, at)
        _move(network, at)
    _add(network, at)


def _choose(network: LayerList, at: int) -> None:
    key = widget_key(network, "choose")
    st.selectbox(
        t("Layer"),
        range(len(network.layers)),
        index=at,
        format_func=lambda index: f"{index + 1} · {t(get_kind(network.layers[index].kind).label)}",
        key=key,
        on_change=lambda: go(network, st.session_state[key]),
    )


def _parameters(network: LayerList, at: int) -> None:
    layer = network.layers[at]
    with st.container(horizontal=True):
        for parameter in get_kind(layer.kind).parameters:
            value = layer.values[parameter.id]
            more = {**_changing_layer(network, at, parameter.id), "width": 140}
            if isinstance(parameter, Choice):
                choices = list(parameter.choices)
                st.selectbox(t(parameter.label), choices, choices.index(value), **more)
            else:
                st.number_input(t(parameter.label), parameter.low, parameter.high, value, **more)


def _changing_layer(network: LayerList, at: int, parameter: str) -> dict[str, Any]:
    key = widget_key(network, parameter)

    def change() -> None:
        layers = list(network.layers)
        values = {**layers[at].values, parameter: st.session_state[key]}
        layers[at] = replace(layers[at], values=values)
        go(_with(network, layers), at)

    return {"key": key, "on_change": change}


def _move(network: LayerList, at: int) -> None:
    layers = list(network.layers)
    without = layers[:at] + layers[at + 1 :]

    def moved(to: int) -> LayerList:
        return _with(network, [*without[:to], layers[at], *without[to:]])

    with st.container(horizontal=True):
        for label, icon, disabled, changed, to in (
            (t("Up"), "arrow_upward", at == 0, moved(max(at - 1, 0)), at - 1),
            (t("Down"), "arrow_downward", at == len(layers) - 1, moved(at + 1), at + 1),
            (t("Remove"), "delete", False, _with(network, without), max(at - 1, 0)),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                disabled=disabled,
                on_click=go,
                args=(changed, to),
            )


def _add(network: LayerList, at: int) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    kind = left.selectbox(
        t("New layer"),
        [kind.id for kind in KINDS],
        format_func=lambda kind: t(get_kind(kind).label),
        key="new-layer",
    )
    to = min(at + 1, len(network.layers))
    layers = [*network.layers[:to], default_layer(kind), *network.layers[to:]]
    right.button(
        t("Add"),
        icon=":material/add:",
        width="stretch",
        on_click=go,
        args=(_with(network, layers), to),
    )


def _with(network: LayerList, layers: Sequence[Layer]) -> LayerList:
    return replace(network, layers=tuple(layers))
