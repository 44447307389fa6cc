"""Exports a Keras model to OpenVINO and proves that it answers the same. Imports TensorFlow.

Takes seconds: for a worker, never for a request.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.models.card import Export
from dashboard.core.models.probabilities import answers, probabilities
from dashboard.core.models.probe import probe_images
from dashboard.core.models.runtime import FAST, compiled, computes_bfloat16, openvino
from dashboard.core.models.store import EXPORT_FOLDER, MODEL_FILE, file_sha256
from dashboard.core.tasks import Task

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
    tasks: Sequence[Task] = (),
    half_size: bool = False,
) -> Export | None:
    """Write `openvino/model.xml` and `.bin` (free batch size) into `folder`.

    Args:
        model: A `keras.Model` that ends in logits.
        folder: Folder that holds its `model.keras`.
        samples: uint8 (n, h, w, c) in [0, 255], n ≥ 1: images the answers are compared on.
        tasks: Of the model. Defaults to one whose classes exclude each other.
        half_size: Whether to keep the kernels in float16 where the answers allow it.

    Returns:
        What belongs on the card, or None, with nothing left behind, where the model cannot be
        exported or its exported form answers differently.
    """
    tasks = tasks or [Task("", tuple(map(str, range(model.outputs[0].shape[-1]))))]
    if half_size and (export := _export(model, folder, samples, tasks, True)):
        return export
    return _export(model, folder, samples, tasks, False)


def _export(
    model: Any,
    folder: Path,
    samples: np.ndarray,
    tasks: Sequence[Task],
    half_size: bool,
) -> Export | None:
    target = folder / EXPORT_FOLDER
    shutil.rmtree(target, ignore_errors=True)
    try:
        _convert(model, target, half_size)
        exported = _infer(target, samples)
        expected = _in_batches(lambda batch: model(batch, training=False).numpy(), samples)
        difference = _largest_difference(expected, exported, tasks)
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
        probe=_probe(model),
        fast_flipped=_flipped(target, samples, exported, tasks),
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


def _infer(target: Path, samples: np.ndarray, **options: str) -> np.ndarray:
    exported = compiled(os.fspath(target / "model.xml"), **options)
    request = exported.create_infer_request()
    dtype = exported.input(0).element_type.to_dtype()
    return _in_batches(lambda batch: np.array(request.infer([batch.astype(dtype)])[0]), samples)


def _in_batches(logits: Callable[[np.ndarray], np.ndarray], samples: np.ndarray) -> np.ndarray:
    starts = range(0, len(samples), BATCH_SIZE)
    return np.concatenate([logits(samples[start : start + BATCH_SIZE]) for start in starts])


def _largest_difference(expected: np.ndarray, received: np.ndarray, tasks: Sequence[Task]) -> float:
    difference = probabilities(expected, tasks) - probabilities(received, tasks)
    return float(np.abs(difference).max())  # NaN stays NaN


def _probe(model: Any) -> tuple[tuple[float, ...], ...]:
    spec = model.inputs[0]
    logits = model(probe_images(*spec.shape[1:]).astype(spec.dtype), training=False).numpy()
    if not np.isfinite(logits).all():  # JSON has no word for it
        return ()
    return tuple(tuple(float(f"{value:.6g}") for value in row) for row in logits)


def _flipped(
    target: Path, samples: np.ndarray, logits: np.ndarray, tasks: Sequence[Task]
) -> int | None:
    """Return how many answers bfloat16 changes; None where it cannot be measured."""
    if not computes_bfloat16():
        return None
    exact, fast = (
        answers(probabilities(found, tasks), tasks)
        for found in (logits, _infer(target, samples, **FAST))
    )
    return int((exact != fast).any(axis=1).sum())
