"""A custom network as a list of layers: read, checked and counted without TensorFlow.

As JSON: `{"height": 28, "width": 28, "channels": 1, "layers": [{"kind": "conv", "filters": 32}]}`;
a parameter that is left out has its default. Pixel values are divided by 255 before the first
layer, and a dense layer of logits follows the last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.core.errors import InvalidInput
from dashboard.core.models.custom.kinds import Choice, Number, Shape, get_kind

SIDES = (8, 512)
"""Smallest and largest height and width of the input, in pixels."""

MAX_LAYERS = 64
MAX_WEIGHTS = 100_000_000
"""Of all layers together: 400 MB, and four times that while it trains."""


@dataclass(frozen=True)
class Layer:
    """A layer: the id of its kind and a value for each parameter of it."""

    kind: str
    values: Mapping[str, Any]


def default_layer(kind_id: str) -> Layer:
    """Return a layer of this kind with the default of each parameter."""
    kind = get_kind(kind_id)
    return Layer(kind.id, {parameter.id: parameter.default for parameter in kind.parameters})


@dataclass(frozen=True)
class LayerList:
    """The input shape of a network and its layers from input to output."""

    height: int
    width: int
    channels: int
    layers: tuple[Layer, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what `parse_layers` reads."""
        layers = [{"kind": layer.kind, **layer.values} for layer in self.layers]
        return {
            "height": self.height,
            "width": self.width,
            "channels": self.channels,
            "layers": layers,
        }


@dataclass(frozen=True)
class Checked:
    """What comes out of one layer, and how many weights it has."""

    shape: Shape
    weights: int


def read_layers(text: str | bytes) -> LayerList:
    """Read a network from JSON text; raises as `parse_layers`."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InvalidInput(
            "The network is not valid JSON: {detail}.", code="invalid_layers", detail=str(error)
        ) from error
    return parse_layers(data)


def parse_layers(data: Any) -> LayerList:
    """Read a network from JSON data; `InvalidInput` says which layer is wrong and why."""
    if not isinstance(data, dict) or not isinstance(data.get("layers"), list):
        raise InvalidInput(
            "A network needs `height`, `width`, `channels` and a list `layers`.",
            code="invalid_layers",
        )
    for side in (data.get("height"), data.get("width")):
        if not _is_number(side, *SIDES):
            raise InvalidInput(
                "The height and width of a network's input must be whole numbers from {low} to "
                "{high}; received {value}.",
                code="invalid_layers",
                low=SIDES[0],
                high=SIDES[1],
                value=repr(side)[:40],
            )
    if data.get("channels") not in (1, 3):
        raise InvalidInput(
            "The channels of a network must be 1 (grey) or 3 (colour); received {value}.",
            code="invalid_layers",
            value=repr(data.get("channels"))[:40],
        )
    if len(data["layers"]) > MAX_LAYERS:
        raise InvalidInput(
            "A network may have up to {limit} layers; received {value}.",
            code="invalid_layers",
            limit=MAX_LAYERS,
            value=len(data["layers"]),
        )
    layers = tuple(_layer(number, part) for number, part in enumerate(data["layers"], 1))
    return LayerList(data["height"], data["width"], data["channels"], layers)


def check(network: LayerList, n_classes: int) -> tuple[Checked, ...]:
    """Return what comes out of each layer, the logits last; raises as `checking`."""
    return tuple(checking(network, n_classes))


def checking(network: LayerList, n_classes: int) -> Iterator[Checked]:
    """Yield what comes out of each layer, the logits last, up to what does not fit.

    Raises:
        InvalidInput: A layer does not fit what comes before it, or there are too many weights.
    """
    shape: Shape = (network.height, network.width, network.channels)
    total = 0
    for number, layer in enumerate(network.layers, 1):
        row = _output(number, layer, shape)
        yield row
        shape, total = row.shape, total + row.weights
    if len(shape) > 1:
        raise InvalidInput(
            "The network ends in a map. Add `flatten` or `global_average_pool` as its last layer, "
            "so that the logits can follow.",
            code="invalid_layers",
        )
    logits = Checked((n_classes,), (shape[0] + 1) * n_classes)
    yield logits
    if total + logits.weights > MAX_WEIGHTS:
        raise InvalidInput(
            "The network has {value} weights, and at most {limit} are allowed. Pool before "
            "`flatten`, or choose fewer filters or units.",
            code="invalid_layers",
            value=f"{total + logits.weights:,}",
            limit=f"{MAX_WEIGHTS:,}",
        )


def _output(number: int, layer: Layer, shape: Shape) -> Checked:
    _fits(number, layer, shape)
    kind = get_kind(layer.kind)
    output = kind.shape(shape, layer.values)
    if min(output) < 1:
        raise InvalidInput(
            "Layer {number} ({kind}): its window is larger than the {height}×{width} map "
            "before it. Make it smaller, or pool less before.",
            code="invalid_layers",
            number=number,
            kind=layer.kind,
            height=shape[0],
            width=shape[1],
        )
    return Checked(output, kind.weights(shape, layer.values))


def _fits(number: int, layer: Layer, shape: Shape) -> None:
    takes = get_kind(layer.kind).takes
    if takes == "vector" and len(shape) > 1:
        raise InvalidInput(
            "Layer {number} ({kind}): it takes a vector, and a map comes in. Put `flatten` or "
            "`global_average_pool` before it.",
            code="invalid_layers",
            number=number,
            kind=layer.kind,
        )
    if takes == "map" and len(shape) == 1:
        raise InvalidInput(
            "Layer {number} ({kind}): it takes a map, and a vector comes in. Move it before the "
            "layer that flattens, or remove it.",
            code="invalid_layers",
            number=number,
            kind=layer.kind,
        )


def _layer(number: int, data: Any) -> Layer:
    if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
        raise InvalidInput("Layer {number} has no `kind`.", code="invalid_layers", number=number)
    kind = get_kind(data["kind"])
    unknown = set(data) - {"kind"} - {parameter.id for parameter in kind.parameters}
    if unknown:
        raise InvalidInput(
            "Layer {number} ({kind}) has no parameter “{value}”. Its parameters: {choices}.",
            code="invalid_layers",
            number=number,
            kind=kind.id,
            value=min(unknown)[:80],
            choices=", ".join(parameter.id for parameter in kind.parameters) or "–",
        )
    place = f"{number} ({kind.id})"
    values = {
        parameter.id: _value(place, parameter, data.get(parameter.id, parameter.default))
        for parameter in kind.parameters
    }
    return Layer(kind.id, values)


def _value(place: str, parameter: Number | Choice, value: Any) -> int | float | str:
    if isinstance(parameter, Choice):
        if value not in parameter.choices:
            raise InvalidInput(
                "Layer {place}: `{name}` must be one of {choices}; received {value}.",
                code="invalid_layers",
                place=place,
                name=parameter.id,
                choices=", ".join(parameter.choices),
                value=repr(value)[:40],
            )
        return str(value)
    if not _is_number(value, parameter.low, parameter.high):
        raise InvalidInput(
            "Layer {place}: `{name}` must be a number from {low} to {high}, whole if these are; "
            "received {value}.",
            code="invalid_layers",
            place=place,
            name=parameter.id,
            low=parameter.low,
            high=parameter.high,
            value=repr(value)[:40],
        )
    return type(parameter.default)(value)


def _is_number(value: Any, low: float, high: float) -> bool:
    kinds = (int,) if isinstance(low, int) else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high
