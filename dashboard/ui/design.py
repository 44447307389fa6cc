"""The network that is being put together: it stands in the URL, and each change is a new one."""

from __future__ import annotations

import json

import streamlit as st

from dashboard.core.errors import InvalidInput
from dashboard.core.models.custom.layer_list import LayerList, parse_layers, read_layers
from dashboard.ui.text import t

DESIGN = "design"
"""Parameter of the URL: the network as JSON."""

_LAYER = "layer"
_START = {
    "height": 28,
    "width": 28,
    "channels": 1,
    "layers": [
        {"kind": "conv", "filters": 32},
        {"kind": "max_pool"},
        {"kind": "conv", "filters": 64},
        {"kind": "global_average_pool"},
        {"kind": "dense", "units": 64},
    ],
}


def read_design() -> LayerList:
    """Return the network of the URL, or one to start from.

    Raises `InvalidInput` where the URL holds none that can be read, with a way out drawn before.
    """
    if DESIGN not in st.query_params:
        return parse_layers(_START)
    try:
        return read_layers(st.query_params[DESIGN])
    except InvalidInput:
        st.button(t("Start again"), on_click=lambda: st.query_params.pop(DESIGN))
        raise


def go(network: LayerList, selected: int = 0) -> None:
    """Put `network` into the URL, with the layer at index `selected` chosen."""
    st.query_params[DESIGN] = json.dumps(network.to_json(), separators=(",", ":"))
    st.query_params[_LAYER] = str(selected + 1)


def selected(network: LayerList) -> int:
    """Return the index of the chosen layer; 0 where there is none."""
    given = st.query_params.get(_LAYER, "")
    number = int(given) if given.isdecimal() and len(given) < 4 else 1
    return max(min(number, len(network.layers)), 1) - 1


def widget_key(network: LayerList, name: str) -> str:
    """Return the key of a widget that shows a part of `network`.

    Another design, another widget: it then shows that design.
    """
    return f"{name}:{selected(network)}:{json.dumps(network.to_json())}"
