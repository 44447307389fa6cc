"""The layers of a model that can be looked at, and a way to look. Imports Keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

CONVOLUTIONS = (
    keras.layers.Conv2D,
    keras.layers.SeparableConv2D,
    keras.layers.DepthwiseConv2D,
)


def convolution_paths(network: keras.Model) -> tuple[str, ...]:
    """Return the paths of all 2-D convolutions from input to output, such as `"backbone/conv_3"`.

    A path names the sub-models a layer lies in, since names are unique within one model only.
    Left out are those that see all of the image as one place, as in the heads of MobileNets.
    """
    return tuple(
        path
        for path, layer in _walk(network, "")
        if isinstance(layer, CONVOLUTIONS) and not _sees_one_place(layer)
    )


def find_layer(network: keras.Model, path: str) -> keras.Layer:
    """Return the layer at `path`; `KeyError` if there is none."""
    return dict(_walk(network, ""))[path]


@contextmanager
def intercepted(layer: keras.Layer, see: Callable[[Any], Any]) -> Iterator[None]:
    """Pass every output of `layer` through `see` within the block.

    Reaches layers at any depth of nested models, where cutting the graph in two does not. The
    layer is changed only while a function is traced, and is restored after a failure too.
    """
    original = layer.call

    def call(*args: Any, **kwargs: Any) -> Any:
        return see(original(*args, **kwargs))

    layer.call = call
    try:
        yield
    finally:
        del layer.call  # uncovers the method of the class


def _sees_one_place(layer: keras.Layer) -> bool:
    rows_at = 2 if layer.data_format == "channels_first" else 1
    return all(
        tuple(node.outputs[0].shape[rows_at : rows_at + 2]) == (1, 1)
        for node in layer._inbound_nodes
    )


def _walk(model: keras.Model, prefix: str) -> Iterator[tuple[str, keras.Layer]]:
    for layer in model.layers:
        path = prefix + layer.name
        yield path, layer
        if isinstance(layer, keras.Model):
            yield from _walk(layer, path + "/")
