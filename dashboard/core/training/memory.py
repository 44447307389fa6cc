"""How much memory a training takes. Imports TensorFlow."""

from __future__ import annotations

import psutil
import tensorflow as tf


def memory_mb() -> dict[str, float]:
    """Return what this process holds, in MB of 2²⁰ bytes.

    Returns:
        `memory_mb`: resident, the packed images it has mapped included. `gpu_memory_mb`, where
        there are GPUs: the most that tensors have taken there so far, over all of them.
    """
    found = {"memory_mb": psutil.Process().memory_info().rss / 2**20}
    gpus = tf.config.list_logical_devices("GPU")
    if gpus:
        taken = sum(tf.config.experimental.get_memory_info(gpu.name)["peak"] for gpu in gpus)
        found["gpu_memory_mb"] = taken / 2**20
    return found
