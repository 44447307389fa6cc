"""What Grad-CAM costs against a plain forward pass of the same network.

Run: .venv/bin/python -m tests.bench.explain
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from dashboard.core.explain.base import ExplainableModel
from dashboard.core.explain.grad_cam import GradCam
from dashboard.core.models.networks import NETWORKS


def median_ms(call: Callable[[], object], n: int = 60) -> float:
    """Return the median time of a call, after five to warm up."""
    for _ in range(5):
        call()
    times = []
    for _ in range(n):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


def ratio(network: keras.Model) -> tuple[float, float]:
    """Return the best of two rounds: forward pass in ms, and Grad-CAM divided by it."""
    spec = network.inputs[0]
    pixels = np.random.default_rng(0).integers(0, 256, (1, *spec.shape[1:]), np.uint8)
    signature = [tf.TensorSpec([None, *spec.shape[1:]], tf.uint8)]
    forward = tf.function(
        lambda images: network(tf.cast(images, spec.dtype), training=False),
        input_signature=signature,
        autograph=False,
        jit_compile=False,
    ).get_concrete_function()
    model, explainer = ExplainableModel(network), GradCam()
    rounds = [
        (
            median_ms(lambda: forward(tf.constant(pixels)).numpy()),
            median_ms(lambda: explainer.explain(model, pixels, 1)),
        )
        for _ in range(2)
    ]
    plain, explained = (min(times) for times in zip(*rounds, strict=True))
    return plain, explained / plain


def main() -> None:
    """Print a line per network."""
    networks = {
        entry.id: entry.build(10, entry.height, entry.width, entry.channels) for entry in NETWORKS
    }
    networks["MobileNetV2"] = keras.applications.MobileNetV2(weights=None)
    for name, network in networks.items():
        if GradCam().supports(ExplainableModel(network)):
            continue  # nothing to look at
        plain, times = ratio(network)
        print(f"{name}: forward {plain:.2f} ms, Grad-CAM {times:.2f} times that")


if __name__ == "__main__":
    main()
