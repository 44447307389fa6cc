"""The first layer of a network: from 0–255 to the values its weights expect. Imports TensorFlow."""

from __future__ import annotations

import keras
from keras import layers, ops

from dashboard.core.models.backbones import Scaling

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)


def scaled(x: keras.KerasTensor, scaling: Scaling) -> keras.KerasTensor:
    """Scale pixel values 0–255, (n, h, w, c); `"standard"` and `"bgr"` take three channels."""
    if scaling == "unit":
        return layers.Rescaling(1 / 255, name="scaling")(x)
    if scaling == "symmetric":
        return layers.Rescaling(1 / 127.5, offset=-1, name="scaling")(x)
    if scaling == "standard":
        mean = [255 * value for value in IMAGENET_MEAN]
        variance = [(255 * value) ** 2 for value in IMAGENET_DEVIATION]
        return layers.Normalization(mean=mean, variance=variance, name="scaling")(x)
    if scaling == "bgr":
        x = ops.flip(x, axis=-1)
        return layers.Normalization(mean=CAFFE_MEAN_BGR, variance=(1, 1, 1), name="scaling")(x)
    return x
