"""On what a run computes: the processor, a GPU, or all GPUs of the machine. Imports TensorFlow."""

from __future__ import annotations

import tensorflow as tf


def gpus() -> list[str]:
    """Return the GPUs TensorFlow sees; their memory is then taken as needed, not all at once."""
    for device in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(device, True)
    return [device.name for device in tf.config.list_logical_devices("GPU")]


def strategy(devices: list[str]) -> tf.distribute.Strategy:
    """Return how to share batches among `devices`: equally, with the same weights on each.

    One device, or none, gets whole batches. Batch normalisation takes the figures of a device's own
    part of a batch.
    """
    if len(devices) < 2:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy(devices)
