"""Exports a Keras model to OpenVINO and proves that it answers the same. Imports TensorFlow.

Takes seconds: for a worker, never for a request.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.models.card import Export
from dashboard.core.models.probabilities import softmax
from dashboard.core.models.runtime import compiled, openvino
from dashboard.core.models.store import EXPORT_FOLDER, MODEL_FILE, file_sha256

MAX_ABS_DP = 1e-3
"""Largest allowed difference of a probability: far below what a visitor reads (0.1 %)."""

BATCH_SIZE = 64

_SMALLEST = 1000
"""Arrays of fewer numbers keep their precision: nothing is won there."""

logger = logging.getLogger(__name__)


def export_openvino(
    model: Any,
    folder: Path,
    samples: np.ndarray,
    probabilities: Callable[[np.ndarray], np.ndarray] = softmax,
    half_size: bool = False,
) -> Export | None:
    """Write `openvino/model.xml` and `.bin` (free batch size) into `folder`.

    Args:
        model: A `keras.Model` that ends in logits.
        folder: Folder that holds its `model.keras`.
        samples: uint8 (n, h, w, c) in [0, 255], n ≥ 1: images the answers are compared on.
        probabilities: What turns its logits into them.
        half_size: Whether to keep the kernels in float16 where the answers allow it.

    Returns:
        What belongs on the card, or None, with nothing left behind, where the model cannot be
        exported or its exported form answers differently.
    """
    if half_size and (export := _export(model, folder, samples, probabilities, True)):
        return export
    return _export(model, folder, samples, probabilities, False)


def _export(
    model: Any,
    folder: Path,
    samples: np.ndarray,
    probabilities: Callable[[np.ndarray], np.ndarray],
    half_size: bool,
) -> Export | None:
    target = folder / EXPORT_FOLDER
    shutil.rmtree(target, ignore_errors=True)
    try:
        _convert(model, target, half_size)
        difference = _largest_difference(model, target, samples, probabilities)
    except Exception:  # layers OpenVINO lacks raise many kinds; TensorFlow serves the model then
        logger.warning("The model cannot be exported to OpenVINO.", exc_info=True)
        difference = float("inf")
    if not difference <= MAX_ABS_DP:  # also where it is NaN
        logger.warning("No OpenVINO form is kept: largest difference %s.", difference)
        shutil.rmtree(target, ignore_errors=True)
        return None
    return Export(
        precision="f16" if half_size else "f32",
        model_sha256=file_sha256(folder / MODEL_FILE),
        max_abs_dp=difference,
        n=len(samples),
    )


def _convert(model: Any, target: Path, half_size: bool) -> None:
    import tensorflow as tf

    from dashboard.core.models.features import with_features

    ov = openvino()
    spec, both = model.inputs[0], with_features(model)

    @tf.function(
        input_signature=[tf.TensorSpec([None, *spec.shape[1:]], spec.dtype)], autograph=False
    )
    def forward(images: Any) -> Any:
        return [tf.cast(tensor, tf.float32) for tensor in both(images, training=False)]

    converted = ov.convert_model(forward)
    # The converter makes an output of every silu as well, and each is copied out for nothing:
    # without them EfficientNetB0 answers five times as fast.
    converted = ov.Model(converted.get_results()[:2], converted.get_parameters())
    if half_size:
        _halve_kernels(converted)
    target.mkdir(parents=True)
    ov.save_model(converted, os.fspath(target / "model.xml"), compress_to_fp16=False)


def _halve_kernels(model: Any) -> None:
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


def _largest_difference(
    model: Any,
    target: Path,
    samples: np.ndarray,
    probabilities: Callable[[np.ndarray], np.ndarray],
) -> float:
    exported = compiled(os.fspath(target / "model.xml"))
    request = exported.create_infer_request()
    dtype = exported.input(0).element_type.to_dtype()
    largest = 0.0
    for start in range(0, len(samples), BATCH_SIZE):
        batch = samples[start : start + BATCH_SIZE].astype(dtype)
        expected = probabilities(model(batch, training=False).numpy())
        received = probabilities(request.infer([batch])[0])
        largest = float(np.maximum(largest, np.abs(expected - received).max()))  # keeps NaN
    return largest
