"""From a foreign network to one of ours: it takes 0–255 and ends in logits. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from dashboard.core.models.backbones import Scaling
from dashboard.core.models.foreign import verdicts
from dashboard.core.models.foreign.shares import PASSING, Ending, made_by, of_shares
from dashboard.core.models.input_scaling import scaled

OPEN_SIDE = 224
"""Height and width where neither the network nor a person says one."""

_ENDS = {keras.activations.softmax: "softmax", keras.activations.sigmoid: "sigmoid"}
_PLACING = (
    layers.Resizing, layers.CenterCrop, layers.Cropping2D, layers.ZeroPadding2D, layers.Reshape,
)  # fmt: skip
"""They move pixel values about, and leave each in its range."""
_ARITHMETIC = ("TrueDivide", "Divide", "Multiply", "Subtract", "Add", "Flip", "GetItem", "Cast")

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Adapted:
    """A foreign network without its last activation, or with its probabilities made logits.

    Attributes:
        shape: Height, width and channels of the images it takes.
        network: From values in the range it expects, (n, h, w, c), to logits (n, classes).
        several: Whether its classes do not exclude each other.
        scales_itself: Whether it begins with a layer that scales 0–255.
        names: Its own, and those of the models nested in it.
    """

    shape: Shape
    network: keras.Model
    several: bool
    scales_itself: bool
    names: tuple[str, ...]

    def scaled_by(self, scaling: Scaling) -> keras.Model:
        """Return the whole network, from 0–255 to logits."""
        inputs = keras.Input(self.shape, name="image")
        outputs = _through(self.network, scaled(inputs, scaling))
        return keras.Model(inputs, outputs, name=self.network.name)

    def logits(self, images: np.ndarray, scaling: Scaling) -> np.ndarray:
        """Return float32 (n, classes) for images of 0–255 scaled in this way."""
        values = scaled(keras.ops.convert_to_tensor(images, "float32"), scaling)
        return np.asarray(self.network(values, training=False), np.float32)


def adapt(
    network: keras.Model, n_labels: int, size: tuple[int, int] | None, channels: int | None
) -> Adapted:
    """Take the last activation off a network, and make two logits of a single one.

    Layers that only augment become layers that do nothing, which is what they do after training.

    Args:
        network: A functional or sequential model.
        n_labels: How many labels there are for its outputs.
        size: Height and width where the network leaves them open.
        channels: Where the network leaves them open.

    Raises:
        InvalidInput: `unsupported_input` or `labels_mismatch`.
    """
    shape, flat = _shape(network, size, channels)
    if len(network.outputs) != 1:
        raise verdicts.several_heads(len(network.outputs))
    bare, ending = _without_activation(network)
    values = keras.Input(shape, name="values")
    x = layers.Reshape(shape[:2], name="no_channels")(values) if flat else values
    logits = _through(bare, x)
    if len(logits.shape) > 2 and set(logits.shape[1:-1]) == {1}:
        logits = layers.Flatten(name="flat_logits")(logits)
    n_outputs = logits.shape[-1]
    if len(logits.shape) != 2:
        raise verdicts.no_vector(_text(logits.shape[1:]))
    if ending == "logits":
        logits, ending = of_shares(values, logits, network.outputs[0])
    if n_outputs == 1:
        if n_labels != 2:
            raise verdicts.two_labels(n_labels)
        logits = _two_logits(logits)
    elif n_outputs != n_labels:
        raise verdicts.labels_mismatch(n_outputs, n_labels)
    whole = keras.Model(values, logits, name=network.name)
    several = ending == "sigmoid" and n_outputs > 1
    return Adapted(shape, whole, several, _scales(network), tuple(_names(network)))


def _shape(
    network: keras.Model, size: tuple[int, int] | None, channels: int | None
) -> tuple[Shape, bool]:
    """Return the shape of its images, and whether it wants them without channels."""
    inputs = getattr(network, "inputs", None) or []
    if len(inputs) != 1:
        raise verdicts.several_inputs(len(inputs))
    given = tuple(inputs[0].shape[1:])
    # Rows and columns that are flattened first are an image; otherwise they are a sequence.
    first = next(_changes(network), None)
    flat = len(given) == 2 and isinstance(first, layers.Flatten | layers.Reshape)
    if len(given) != 3 and not flat:
        raise verdicts.unsupported_input(_text(given))
    *sides, depth = (*given, 1) if flat else given
    wanted = (*(size or (None, None)), channels)
    default = (OPEN_SIDE, OPEN_SIDE, 3)
    found = tuple(
        own or other or last
        for own, other, last in zip((*sides, depth), wanted, default, strict=True)
    )
    clash = any(other and other != one for other, one in zip(wanted, found, strict=True))
    channels_first = sides[0] in (1, 3) and depth not in (1, 3)
    if found[2] not in (1, 3) or channels_first or clash:
        raise verdicts.unsupported_input(_text(given))
    return found, flat  # type: ignore[return-value]


def _text(shape: tuple[int | None, ...]) -> str:
    return " × ".join(str(side or "?") for side in shape)


def _changes(network: keras.Model) -> Iterator[keras.Operation]:
    """Yield the layers an image goes through one after the other, those of nested models too."""
    for operation in getattr(network, "operations", network.layers):
        if isinstance(operation, keras.Model):
            yield from _changes(operation)
        elif not isinstance(operation, layers.InputLayer) and not _augments(operation):
            yield operation


def _names(network: keras.Model) -> Iterator[str]:
    yield network.name
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _names(layer)


def _scales(network: keras.Model) -> bool:
    first = next((step for step in _changes(network) if not isinstance(step, _PLACING)), None)
    return (
        isinstance(first, layers.Rescaling | layers.Normalization)
        or type(first).__name__ in _ARITHMETIC
    )


def _augments(operation: keras.Operation) -> bool:
    """Whether it changes images at random while the network learns, and only then."""
    name = type(operation).__name__
    module = type(operation).__module__
    return ".image_preprocessing." in module and name.startswith(("Random", "Aug", "CutMix", "Mix"))


def _without_activation(network: keras.Model) -> tuple[keras.Model, Ending]:
    logits, ending = _before_activation(network.outputs[0])
    return keras.Model(network.inputs[0], logits, name=network.name), ending


def _before_activation(output: keras.KerasTensor) -> tuple[keras.KerasTensor, Ending]:
    operation, inputs = made_by(output)
    ending = _ENDS.get(getattr(operation, "activation", None))
    alone = isinstance(operation, layers.Activation)
    name = ending if alone else type(operation).__name__.lower()
    if name in _ENDS.values():  # a layer or an operation of its own, perhaps used elsewhere too
        return inputs[0], name  # type: ignore[return-value]
    if ending:
        operation.activation = keras.activations.linear
        return output, ending  # type: ignore[return-value]
    if isinstance(operation, keras.Model):
        inner, ending = _without_activation(operation)
        return (output, ending) if ending == "logits" else (inner(inputs[0]), ending)
    if isinstance(operation, PASSING):
        before, ending = _before_activation(inputs[0])
        return (output, ending) if ending == "logits" else (operation(before), ending)
    return output, "logits"


def _through(network: keras.Model, x: keras.KerasTensor) -> keras.KerasTensor:
    """Put the layers of `network` behind `x` one by one, with their weights.

    Calling it would make one nested layer of it, and nothing could look inside.
    """
    taken = {"image", "values", "scaling"}

    def kept(layer: keras.Operation) -> keras.Operation:
        if _augments(layer):
            return layers.Identity(name=layer.name)
        if isinstance(layer, keras.Model) and any(map(_augments, layer.layers)):
            inner = keras.Input(batch_shape=layer.inputs[0].shape)
            return keras.Model(inner, _through(layer, inner), name=layer.name)
        if layer.name in taken:
            layer.name += "_of_model"
        return layer

    plain = keras.Model(network.inputs[0], network.outputs[0])
    return plain._run_through_graph(x, operation_fn=kept)


def _two_logits(logit: keras.KerasTensor) -> keras.KerasTensor:
    """Return (−z/2, z/2): their softmax is (1 − sigmoid(z), sigmoid(z)).

    As that of (0, z), where nothing could speak for the first class: 0 has no gradient. A dense
    layer that gives z is replaced, since images are compared by what goes into the last one.
    """
    pair, weights = layers.Dense(2, name="two_logits"), [np.ones((1, 1)), np.zeros(1)]
    last, inputs = made_by(logit)
    if isinstance(last, layers.Dense) and not last.quantization_mode:
        logit, weights = inputs[0], [*last.get_weights(), np.zeros(1)][:2]
    pairs = pair(logit)
    pair.set_weights([values * np.array([-0.5, 0.5], np.float32) for values in weights])
    return pairs
