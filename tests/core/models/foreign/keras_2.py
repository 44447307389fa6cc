"""A model file as Keras 2 wrote it in 2017–2023, written by hand: layers, names, attributes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np


def _initializer(name: str) -> dict[str, Any]:
    return {"class_name": name, "config": {"seed": None} if "Uniform" in name else {}}


def _layer(kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {
        "class_name": kind,
        "config": {"name": name, "trainable": True, "dtype": "float32", **config},
    }


def _separable(name: str, filters: int) -> dict[str, Any]:
    return _layer(
        "SeparableConv2D", name, filters=filters, kernel_size=[3, 3], strides=[1, 1],
        padding="same", data_format="channels_last", dilation_rate=[1, 1], groups=1,
        kernel_initializer=_initializer("GlorotUniform"), kernel_regularizer=None,
        kernel_constraint=None,
        depth_multiplier=1, activation="linear", use_bias=False,
        depthwise_initializer=_initializer("GlorotUniform"),
        pointwise_initializer=_initializer("GlorotUniform"), bias_initializer=_initializer("Zeros"),
        depthwise_regularizer=None, pointwise_regularizer=None, bias_regularizer=None,
        activity_regularizer=None, depthwise_constraint=None, pointwise_constraint=None,
        bias_constraint=None,
    )  # fmt: skip


def _norm(name: str) -> dict[str, Any]:
    return _layer(
        "BatchNormalization", name, axis=[3], momentum=0.99, epsilon=0.001, center=True,
        scale=True, beta_initializer=_initializer("Zeros"), gamma_initializer=_initializer("Ones"),
        moving_mean_initializer=_initializer("Zeros"),
        moving_variance_initializer=_initializer("Ones"), beta_regularizer=None,
        gamma_regularizer=None, beta_constraint=None, gamma_constraint=None,
    )  # fmt: skip


def _dense(name: str, units: int) -> dict[str, Any]:
    return _layer(
        "Dense", name, units=units, activation="softmax", use_bias=True,
        kernel_initializer=_initializer("GlorotUniform"), bias_initializer=_initializer("Zeros"),
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, bias_constraint=None,
    )  # fmt: skip


def _layers(side: int, n_classes: int) -> list[dict[str, Any]]:
    first = {
        "class_name": "InputLayer",
        "config": {
            "batch_input_shape": [None, side, side, 3], "dtype": "float32", "sparse": False,
            "ragged": False, "name": "input_1",
        },
    }  # fmt: skip
    return [
        first,
        _separable("separable_conv2d_1", 8),
        _norm("batch_normalization_1"),
        _layer("Activation", "activation_1", activation="relu"),
        _separable("separable_conv2d_2", 12),
        _norm("batch_normalization_2"),
        _layer("GlobalAveragePooling2D", "global_average_pooling2d_1", data_format="channels_last"),
        _dense("dense_1", n_classes),
    ]


def description(side: int, n_classes: int) -> dict[str, Any]:
    """Return the `model_config` of a functional model."""
    layers = _layers(side, n_classes)
    for number, layer in enumerate(layers):
        before = layers[number - 1]["config"]["name"]
        layer["name"] = layer["config"]["name"]
        layer["inbound_nodes"] = [[[before, 0, 0, {}]]] if number else []
    config = {
        "name": "model_1",
        "trainable": True,
        "layers": layers,
        "input_layers": [["input_1", 0, 0]],
        "output_layers": [["dense_1", 0, 0]],
    }
    return {"class_name": "Functional", "config": config}


def weights(n_classes: int) -> dict[str, dict[str, np.ndarray]]:
    """Return layer → name → values, in the order Keras 2 kept them."""
    drawn = np.random.default_rng(2)

    def norm(n: int) -> dict[str, np.ndarray]:
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        return {name: drawn.uniform(0.5, 1.5, n).astype("f4") for name in names}

    def separable(n_in: int, n_out: int) -> dict[str, np.ndarray]:
        return {
            "depthwise_kernel": drawn.normal(size=(3, 3, n_in, 1)).astype("f4"),
            "pointwise_kernel": drawn.normal(size=(1, 1, n_in, n_out)).astype("f4"),
        }

    return {
        "separable_conv2d_1": separable(3, 8),
        "batch_normalization_1": norm(8),
        "separable_conv2d_2": separable(8, 12),
        "batch_normalization_2": norm(12),
        "dense_1": {
            "kernel": drawn.normal(size=(12, n_classes)).astype("f4"),
            "bias": drawn.normal(size=n_classes).astype("f4"),
        },
    }


def write(path: Path, side: int, values: dict[str, dict[str, np.ndarray]]) -> None:
    """Write the model as `model.save` of Keras 2.2 did, optimizer and all."""
    n_classes = len(values["dense_1"]["bias"])
    config = description(side, n_classes)
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.2.4"
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["training_config"] = json.dumps({"loss": "mine", "metrics": ["acc"]}).encode()
        group = file.create_group("model_weights")
        group.attrs["keras_version"] = b"2.2.4"
        group.attrs["backend"] = b"tensorflow"
        names = [layer["name"] for layer in config["config"]["layers"]]
        group.attrs["layer_names"] = np.array([name.encode() for name in names])
        for name in names:
            inner = group.create_group(name)
            found = values.get(name, {})
            paths = [f"{name}/{key}:0" for key in found]
            inner.attrs["weight_names"] = np.array([item.encode() for item in paths], "S")
            for item, array in zip(paths, found.values(), strict=True):
                inner.create_dataset(item, data=array)
        optimizer = file.create_group("optimizer_weights")
        optimizer.attrs["weight_names"] = np.array([b"Adam/iterations:0"])
        optimizer.create_dataset("Adam/iterations:0", data=np.int64(7))
