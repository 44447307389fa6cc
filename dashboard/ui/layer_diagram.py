"""A custom network as a chain of boxes, drawn in the browser."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from dashboard.core.models.custom.kinds import Shape, get_kind
from dashboard.core.models.custom.layer_list import Checked, LayerList
from dashboard.ui.text import t

# Grey boxes and a clear ground: readable on the light and on the dark page.
_STYLE = """
    bgcolor=transparent; ranksep=0.25;
    node [shape=box, style="filled,rounded", fillcolor="#e6eceb", color="#7c8a88",
          fontcolor="#17211f", fontname="sans-serif", fontsize=11, width=2.2];
    edge [color="#7c8a88", arrowsize=0.6];
"""


def layer_diagram(network: LayerList, rows: Sequence[Checked]) -> None:
    """Draw input, layers and logits with the shapes between them, as far as they are known."""
    labels = [t("Input"), *(t(get_kind(layer.kind).label) for layer in network.layers), "logits"]
    shapes = [(network.height, network.width, network.channels), *(row.shape for row in rows)]
    texts = [f"{label}\n{shape_text(shape)}" for label, shape in zip(labels, shapes, strict=False)]
    nodes = [
        f"{index} [label={json.dumps(text, ensure_ascii=False)}];"
        for index, text in enumerate(texts)
    ]
    edges = [f"{index} -> {index + 1};" for index in range(len(nodes) - 1)]
    st.graphviz_chart(
        f"digraph {{ {_STYLE} {' '.join(nodes + edges)} }}",
        width="stretch",
        alt=", ".join(labels[: len(shapes)]),
    )


def shape_text(shape: Shape) -> str:
    """Write a shape as people do."""
    return " × ".join(map(str, shape))
