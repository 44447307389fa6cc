"""The classifiers of `keras.applications`, with their own weights. Imports TensorFlow."""

from __future__ import annotations

from collections import Counter

import keras
import numpy as np

from dashboard.core.errors import Unavailable
from dashboard.core.models.backbones import get_backbone


def application(name: str, weights: str | None) -> keras.Model:
    """Build a network with its last layer, for ImageNet's 1000 classes.

    Args:
        name: One of `backbones.BACKBONES`.
        weights: `"imagenet"`, fetched once and kept by Keras, or None for random ones.

    Raises:
        InvalidInput: There is no such network.
        Unavailable: The weights cannot be fetched.
    """
    entry = get_backbone(name)
    try:
        return getattr(keras.applications, entry.id)(weights=weights)
    except Exception as error:  # Keras raises no narrower one where it cannot fetch
        raise _unreachable(entry.id, error) from error


def imagenet_labels(name: str) -> tuple[str, ...]:
    """Return ImageNet's 1000 labels, from the file Keras fetches once.

    Two of them mean two things each, such as crane: these carry WordNet's number too.

    Raises:
        Unavailable: The file cannot be fetched for the network `name`.
    """
    try:
        each = keras.applications.imagenet_utils.decode_predictions(np.eye(1000), top=1)
    except Exception as error:
        raise _unreachable(name, error) from error
    named = [(number, label.replace("_", " ")) for ((number, label, _),) in each]
    times = Counter(label for _, label in named)
    return tuple(label if times[label] == 1 else f"{label} ({number})" for number, label in named)


def _unreachable(name: str, error: Exception) -> Unavailable:
    return Unavailable(
        "The ImageNet weights or labels of “{network}” cannot be fetched: {reason}. Connect to the "
        "internet once, or import a file of the network.",
        code="weights_unreachable",
        network=name,
        reason=str(error).split(" on http")[0][:200].rstrip("."),
    )
