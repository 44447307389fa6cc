"""Transfer: a backbone that has learned from other images, under a new last layer.

Imports TensorFlow. Yosinski et al. 2014, "How transferable are features in deep neural networks?",
arXiv 1411.1792. Everything is trainable as built; `freezing` holds the two phases.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import keras
from keras import layers

from dashboard.core.errors import InvalidInput, Unavailable
from dashboard.core.models.backbones import Backbone, get_backbone
from dashboard.core.models.input_scaling import IMAGENET_DEVIATION, IMAGENET_MEAN, scaled
from dashboard.core.models.store import get_model

BACKBONE = "backbone"
"""Name of the nested model in every network built here."""


def from_application(
    backbone_id: str, weights: str, n_classes: int, height: int, width: int, channels: int
) -> keras.Model:
    """Build a backbone of `keras.applications` with the scaling its weights expect, and logits.

    Build it again with the same `weights` to take over a trained one's: EfficientNet has a layer
    more with ImageNet's.

    Args:
        backbone_id: One of `backbones.BACKBONES`.
        weights: `"imagenet"`, fetched once and kept by Keras; `"random"`; or the path of a file
            for the network without its last layer, such as `weights.h5`.
        n_classes: Number of logits.
        height, width: Input size in pixels, at least the backbone's smallest.
        channels: 3, or 1: a grey image is repeated for red, green and blue.

    Raises:
        InvalidInput: Unknown backbone, too small an input, or a file that does not fit.
        Unavailable: The ImageNet weights cannot be fetched.
    """
    entry = get_backbone(backbone_id)
    if min(height, width) < entry.smallest:
        raise InvalidInput(
            "The backbone “{backbone}” needs images of at least {smallest}×{smallest} pixels; "
            "received {height}×{width}. Choose a larger image size or another backbone.",
            code="input_too_small",
            backbone=entry.id,
            smallest=entry.smallest,
            height=height,
            width=width,
        )
    inputs = x = keras.Input((height, width, channels))
    if channels == 1:
        x = layers.Concatenate(name="grey_to_colour")([x, x, x])
    x = _scaled(x, entry, weights)
    x = _application(entry, weights, (height, width, 3))(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(n_classes, name="logits")(x), name="transfer")


def from_model(name: str, n_classes: int) -> keras.Model:
    """Build a published model's layers up to its last one, with its weights, and new logits.

    The input is the model's own; the scaling of pixel values lies inside.

    Args:
        name: A published model; `NotFound` names the choices.
        n_classes: Number of logits.
    """
    source = keras.models.load_model(get_model(name).model_path, compile=False, safe_mode=True)
    backbone = keras.Model(source.inputs[0], source.layers[-1].input, name=BACKBONE)
    inputs = keras.Input(source.inputs[0].shape[1:], dtype=source.inputs[0].dtype)
    outputs = layers.Dense(n_classes, name="logits")(backbone(inputs))
    return keras.Model(inputs, outputs, name="transfer")


def _application(entry: Backbone, weights: str, shape: tuple[int, int, int]) -> keras.Model:
    make = getattr(keras.applications, entry.id)
    known = weights if weights == "imagenet" else None
    try:
        backbone = make(include_top=False, weights=known, input_shape=shape)
    except Exception as error:  # Keras raises no narrower one where it cannot fetch
        raise Unavailable(
            "The ImageNet weights of “{backbone}” cannot be fetched: {reason}. Connect to the "
            "internet once, give a local weights file, or choose random weights.",
            code="weights_unreachable",
            backbone=entry.id,
            reason=str(error).split(" on http")[0][:200],
        ) from error
    backbone.name = BACKBONE
    if weights not in ("imagenet", "random"):
        _load(backbone, entry, Path(weights))
    return backbone


def _load(backbone: keras.Model, entry: Backbone, path: Path) -> None:
    if path.suffix != ".h5" or not path.is_file():
        raise InvalidInput(
            "The weights must be `imagenet`, `random` or an existing file that ends in .h5; "
            "received “{value}”.",
            code="invalid_weights",
            value=str(path)[:200],
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # Keras skips a part with a warning only
            backbone.load_weights(path)
    except (ValueError, OSError, KeyError, UserWarning) as error:
        raise InvalidInput(
            "The weights in “{file}” do not fit the backbone “{backbone}” without its last layer. "
            "Give the file whose name ends in “notop” or choose another backbone.",
            code="invalid_weights",
            file=path.name,
            backbone=entry.id,
        ) from error


def _scaled(x: keras.KerasTensor, entry: Backbone, weights: str) -> keras.KerasTensor:
    if entry.id.startswith("EfficientNetB") and weights not in ("imagenet", "random"):
        # The published files hold deviations where variances belong. Keras mends that with a
        # layer inside, but only where it fetches the file itself.
        scale = [value**-0.5 for value in IMAGENET_DEVIATION]
        offset = [
            255 * mean * (1 - factor) for mean, factor in zip(IMAGENET_MEAN, scale, strict=True)
        ]
        return layers.Rescaling(scale, offset=offset, name="scaling")(x)
    return scaled(x, entry.scaling)
