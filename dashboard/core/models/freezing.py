"""The two phases of a transfer: first only the new last layer learns, then the last blocks too.

Imports TensorFlow. A model must be compiled again after either function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from dashboard.core.errors import InvalidInput
from dashboard.core.models.transfer import BACKBONE


def freeze(model: keras.Model) -> None:
    """Let only the new last layer learn; the backbone's normalisations keep their statistics."""
    model.get_layer(BACKBONE).trainable = False


def unfreeze_last(model: keras.Model, n_blocks: int) -> None:
    """Let the last `n_blocks` of the backbone learn too.

    Batch normalisations stay as they are and work in inference mode: a few hundred small batches
    would spoil statistics that took a million images.

    Args:
        model: What `transfer` has built.
        n_blocks: From 0 to the number of `blocks` in its backbone.
    """
    backbone = model.get_layer(BACKBONE)
    found = blocks(backbone)
    if not 0 <= n_blocks <= len(found):
        raise InvalidInput(
            "The number of blocks to unfreeze must be from 0 to {limit} for this backbone; "
            "received {value}.",
            code="invalid_blocks",
            limit=len(found),
            value=n_blocks,
        )
    backbone.trainable = True  # of every layer inside; a frozen model would hide them
    learning = {id(layer) for block in found[len(found) - n_blocks :] for layer in block}
    for block in found:
        for layer in block:
            normalises = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = id(layer) in learning and not normalises


def blocks(backbone: keras.Model) -> list[list[keras.Layer]]:
    """Cut a network into blocks, from input to output.

    A block is a stretch between two places that every path from input to output passes, with at
    least one kernel in it: one convolution with its normalisation in a plain network, a whole
    residual block in a residual one.
    """
    found: list[list[keras.Layer]] = [[]]
    for stretch in _stretches(backbone):
        if _has_kernel(found[-1]) and _has_kernel(stretch):
            found.append(stretch)
        else:
            found[-1] += stretch
    return found


def _stretches(model: keras.Model) -> Iterator[list[keras.Layer]]:
    """Cut where a single tensor leads on: nothing made before it is needed after it."""
    layers = {layer.name: layer for layer in model.layers}
    entries = model.get_config()["layers"]  # in the order of computation
    last_use = {
        maker: index
        for index, entry in enumerate(entries)
        for maker in _makers(entry["inbound_nodes"])
    }
    stretch: list[keras.Layer] = []
    needed_until = 0
    for index, entry in enumerate(entries):
        if entry["name"] in layers:
            stretch.append(layers[entry["name"]])
        if index >= needed_until:
            yield from _stretches(stretch[0]) if _is_graph(stretch) else [stretch]
            stretch = []
        needed_until = max(needed_until, last_use.get(entry["name"], index))


def _makers(node: Any) -> Iterator[str]:
    """Yield the names of the layers whose outputs a saved call takes."""
    if isinstance(node, dict) and node.get("class_name") == "__keras_tensor__":
        yield node["config"]["keras_history"][0]
    elif isinstance(node, dict | list | tuple):
        for part in node.values() if isinstance(node, dict) else node:
            yield from _makers(part)


def _is_graph(stretch: list[keras.Layer]) -> bool:
    return (
        len(stretch) == 1
        and isinstance(stretch[0], keras.Model)
        and not isinstance(stretch[0], keras.Sequential)  # ConvNeXt's stem: one piece
    )


def _has_kernel(stretch: list[keras.Layer]) -> bool:
    return any(len(weight.shape) > 1 for layer in stretch for weight in layer.weights)
