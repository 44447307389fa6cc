"""Two processors stand in for two GPUs: TensorFlow shares batches among either the same way."""

from __future__ import annotations

import subprocess
import sys

from dashboard.core.settings import REPOSITORY

SCRIPT = """
import keras
import numpy as np
import tensorflow as tf

from dashboard.core.training.checkpoint import load_checkpoint, restore, save_checkpoint
from dashboard.core.training.compile import learner_for
from dashboard.core.training.devices import strategy
from dashboard.core.training.recipe import parse_recipe
from pathlib import Path
import sys

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
pixels = np.random.default_rng(0).random((10, 8, 8, 1), np.float32)
batches = tf.data.Dataset.from_tensor_slices((pixels, np.arange(10) % 3)).batch(5).repeat()


def learned(devices, folder):
    with strategy(devices).scope():
        keras.utils.set_random_seed(1)
        network = keras.Sequential(
            [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
        )
        fields = {"optimizer": "momentum", "learning_rate": 0.1, "l2": 0.01}
        learner = learner_for(parse_recipe(fields), network, 2, (),
                              np.array([1, 2, 3], np.float32))
        values = learner.train(learner.shared(batches), 4)
        save_checkpoint(Path(folder), learner, 4, {})
        learner.train(learner.shared(batches), 2)
        restore(learner, load_checkpoint(Path(folder), print))
        more = learner.train(learner.shared(batches), 4)
    return values, more, learner.network.get_weights()


one = learned([], sys.argv[1] + "/one")
two = learned(["CPU:0", "CPU:1"], sys.argv[1] + "/two")
for a, b in zip(one[:2], two[:2]):
    for name in ("loss", "accuracy", "gradient_norm", "learning_rate"):
        np.testing.assert_allclose(a[name], b[name], rtol=1e-4)
for a, b in zip(one[2], two[2]):
    np.testing.assert_allclose(a, b, atol=1e-5)
print("same")
"""


def test_two_devices_learn_what_one_does(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.stdout.strip() == "same", done.stderr[-3000:]
