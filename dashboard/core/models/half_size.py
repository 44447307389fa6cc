"""Models at half the size, for networks that were trained in bfloat16. Imports TensorFlow.

Such a network never used more than eight bits of a kernel's weights: rounded to them it is what was
trained. Biases and normalisations, which are few, keep their precision.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dashboard.core.atomic import write_bytes
from dashboard.core.models.runtime import openvino

_SMALLEST = 1000
"""Arrays of fewer numbers stay as they are: nothing is won there."""


def round_kernels(network: keras.Model) -> None:
    """Round every weight of two or more dimensions to the nearest bfloat16."""
    for weight in network.weights:
        if len(weight.shape) >= 2:
            weight.assign(tf.cast(tf.cast(weight, tf.bfloat16), tf.float32))


def deflate(path: Path) -> None:
    """Compress a `.keras` file, a zip in which nothing is compressed; Keras reads both."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as stored, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as small:
        for name in stored.namelist():
            small.writestr(name, stored.read(name))
    write_bytes(path, out.getvalue())


def halve_kernels(model: Any) -> None:
    """Let an OpenVINO model keep its kernels in float16; it computes in float32 as before.

    Not in bfloat16: the converter has multiplied the scales of the normalisations into them.
    """
    ov = openvino()
    for node in model.get_ops():
        if node.get_type_name() == "Constant" and node.get_element_type() == ov.Type.f32:
            if node.data.size < _SMALLEST:
                continue
            halves = ov.op.Constant(node.data.astype(np.float16))
            widened = ov.opset13.convert(halves, "f32")
            for target in node.output(0).get_target_inputs():
                target.replace_source_output(widened.output(0))
