"""The kinds of layers a custom network is made of. Importable without TensorFlow.

Each knows what comes out of it and how many weights it has, by the formulas of the Keras layer
of the same name, so that a page can check a network while it is being put together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal

from dashboard.core.errors import InvalidInput
from dashboard.core.text import mark

Shape = tuple[int, ...]
"""Without the batch: `(height, width, channels)` of a map, `(units,)` of a vector."""


@dataclass(frozen=True)
class Number:
    """A parameter that is a number from `low` to `high`; whole if `default` is.

    Its id is the name of the argument in Keras.
    """

    id: str
    label: str
    default: int | float
    low: int | float
    high: int | float


@dataclass(frozen=True)
class Choice:
    """A parameter that is one of `choices`, the first being the default.

    Its id is the name of the argument in Keras.
    """

    id: str
    label: str
    choices: tuple[str, ...]

    @property
    def default(self) -> str:
        """The first choice."""
        return self.choices[0]


@dataclass(frozen=True)
class Kind:
    """One kind of layer.

    Attributes:
        id: Stable name, as in files.
        keras: Class in `keras.layers`.
        label: Name shown to people.
        takes: What must come in: a `"map"`, a `"vector"`, or `"any"` of them.
        shape: `(shape in, values) → shape out`; a side below 1 where a window does not fit.
        weights: `(shape in, values) → number of weights`.
        parameters: What can be set.
        fixed: Arguments of the Keras layer that differ from its defaults and cannot be set.
    """

    id: str
    keras: str
    label: str
    takes: Literal["map", "vector", "any"]
    shape: Callable[[Shape, Mapping[str, Any]], Shape]
    weights: Callable[[Shape, Mapping[str, Any]], int]
    parameters: tuple[Number | Choice, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)


_FUNCTIONS = ("relu", "gelu", "silu", "tanh", "sigmoid")
_FILTERS = Number("filters", mark("filters"), 32, 1, 1024)
_SIZE = Number("kernel_size", mark("window"), 3, 1, 11)
_STRIDE = Number("strides", mark("stride"), 1, 1, 4)
_PADDING = Choice("padding", mark("padding"), ("same", "valid"))
_ACTIVATION = Choice("activation", mark("activation"), (*_FUNCTIONS, "linear"))


def _side(side: int, size: int, strides: int, padding: str) -> int:
    return -(-side // strides) if padding == "same" else (side - size) // strides + 1


def _convolved(shape: Shape, values: Mapping[str, Any]) -> Shape:
    size, strides, padding = values["kernel_size"], values["strides"], values["padding"]
    height, width = (_side(side, size, strides, padding) for side in shape[:2])
    return height, width, values.get("filters", shape[2])


def _pooled(shape: Shape, values: Mapping[str, Any]) -> Shape:
    size = values["pool_size"]
    return shape[0] // size, shape[1] // size, shape[2]


def _same(shape: Shape, values: Mapping[str, Any]) -> Shape:
    return shape


def _none(shape: Shape, values: Mapping[str, Any]) -> int:
    return 0


KINDS = (
    Kind(
        "conv", "Conv2D", mark("Convolution"), "map", _convolved,
        lambda shape, values: (values["kernel_size"] ** 2 * shape[2] + 1) * values["filters"],
        (_FILTERS, _SIZE, _STRIDE, _PADDING, _ACTIVATION),
    ),
    Kind(
        "depthwise_conv", "DepthwiseConv2D", mark("Depthwise convolution"), "map", _convolved,
        lambda shape, values: (values["kernel_size"] ** 2 + 1) * shape[2],
        (_SIZE, _STRIDE, _PADDING, _ACTIVATION),
    ),
    Kind(
        "separable_conv", "SeparableConv2D", mark("Separable convolution"), "map", _convolved,
        lambda shape, values: (
            values["kernel_size"] ** 2 * shape[2] + (shape[2] + 1) * values["filters"]
        ),
        (_FILTERS, _SIZE, _STRIDE, _PADDING, _ACTIVATION),
    ),
    Kind(
        "max_pool", "MaxPooling2D", mark("Max pooling"), "map", _pooled, _none,
        (Number("pool_size", mark("window"), 2, 2, 8),),
    ),
    Kind(
        "average_pool", "AveragePooling2D", mark("Average pooling"), "map", _pooled, _none,
        (Number("pool_size", mark("window"), 2, 2, 8),),
    ),
    Kind(
        "batch_norm", "BatchNormalization", mark("Batch normalisation"), "any", _same,
        lambda shape, values: 4 * shape[-1],
        fixed={"momentum": 0.9},  # as in our own networks: short runs forget the start in time
    ),
    Kind(
        "activation", "Activation", mark("Activation"), "any", _same, _none,
        (Choice("activation", mark("activation"), _FUNCTIONS),),
    ),
    Kind(
        "dropout", "Dropout", mark("Dropout"), "any", _same, _none,
        (Number("rate", mark("rate"), 0.5, 0.0, 0.9),),
    ),
    Kind(
        "flatten", "Flatten", mark("Flatten"), "map",
        lambda shape, values: (prod(shape),), _none,
    ),
    Kind(
        "global_average_pool", "GlobalAveragePooling2D", mark("Global average pooling"), "map",
        lambda shape, values: shape[2:], _none,
    ),
    Kind(
        "dense", "Dense", mark("Dense layer"), "vector",
        lambda shape, values: (values["units"],),
        lambda shape, values: (shape[0] + 1) * values["units"],
        (Number("units", mark("units"), 64, 1, 4096), _ACTIVATION),
    ),
)  # fmt: skip


def get_kind(kind_id: str) -> Kind:
    """Return the kind with this id; `InvalidInput` names the choices."""
    for kind in KINDS:
        if kind.id == kind_id:
            return kind
    raise InvalidInput(
        "There is no kind of layer “{value}”. Choose one of: {choices}.",
        code="invalid_layers",
        value=kind_id[:80],
        choices=", ".join(kind.id for kind in KINDS),
    )
