"""A first layer that makes the pixels of small patches independent. Imports TensorFlow.

Its kernel is computed from the training images before the training and does not learn: what comes
out of it varies equally in all directions, so that the layers behind it learn from the first step
on (Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv 2404.00498, §3.2).
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

_NAME = "whitening"

_EPSILON = 5e-4
"""Added to each variance: directions in which images hardly vary would become noise."""

_POSITIONS = 4_000_000
"""At most so many patches are looked at: the moments of a dozen numbers need no more."""


def whitening(x: keras.KerasTensor, size: int = 2) -> keras.KerasTensor:
    """Apply the layer, which does nothing sensible before `whiten` has set it.

    Args:
        x: (n, h, w, c), scaled pixels.
        size: Side of a patch.

    Returns:
        (n, h - size + 1, w - size + 1, 2·size²·c): each direction and its opposite, of which a
        rectifier keeps one.
    """
    filters = 2 * size**2 * x.shape[-1]
    return layers.Conv2D(filters, size, use_bias=False, trainable=False, name=_NAME)(x)


def whiten(network: keras.Model, images: np.ndarray, rows: np.ndarray) -> None:
    """Set the whitening layer of `network` from `images`; without such a layer nothing happens.

    With the eigenvectors v of the second moments of all patches and their eigenvalues λ, the kernel
    is v / √(λ + ε) and its negative.

    Args:
        network: As its builder made it.
        images: uint8 (n, h, w, c), may be memory-mapped.
        rows: The training images.
    """
    found = [layer for layer in network.layers if layer.name == _NAME]
    if not found:
        return
    (layer,) = found
    size = layer.kernel_size[0]
    every = -(-len(rows) * images.shape[1] * images.shape[2] // _POSITIONS)
    scaled = keras.Model(network.inputs, layer.input).predict(
        images[rows[::every]].astype(np.float32), batch_size=64, verbose=0
    )
    windows = np.lib.stride_tricks.sliding_window_view(scaled, (size, size), axis=(1, 2))
    patches = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, size**2 * scaled.shape[-1])
    variances, directions = np.linalg.eigh(patches.T @ patches / len(patches))
    kernel = directions / np.sqrt(variances + _EPSILON)
    kernel = np.concatenate([kernel, -kernel], axis=1)
    layer.kernel.assign(kernel.reshape(layer.kernel.shape))
