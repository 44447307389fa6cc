"""A device without memory, and one that is lost (BAD_INPUT.md §2, row 17).

TensorFlow's own errors: it is really asked for more memory than there is, once, since it waits for
10 s whether some becomes free.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.core.errors import Unavailable
from dashboard.core.models.card import Card
from dashboard.core.models.outputs import Outputs
from dashboard.core.models.store import get_model
from dashboard.core.serving import backends, loaded
from dashboard.core.serving.backends import OpenVinoBackend, TensorFlowBackend, has_gpu
from dashboard.core.serving.engine import Engine
from dashboard.core.serving.sparing import SparingBackend, cpu_backend

IMAGES = np.random.default_rng(1).integers(0, 256, (5, 8, 8, 3), np.uint8)


@cache
def no_memory() -> Exception:
    """What TensorFlow raises where there is no memory left."""
    import tensorflow as tf

    with pytest.raises(tf.errors.ResourceExhaustedError) as caught:
        tf.zeros((2**45,))
    return caught.value


class Short(TensorFlowBackend):
    """Has no memory for more than `most` images."""

    most = 0

    def outputs(self, batch: np.ndarray) -> Outputs:
        if len(batch) > self.most:
            raise no_memory()
        return super().outputs(batch)


class Lost(TensorFlowBackend):
    """Its GPU is gone."""

    def outputs(self, batch: np.ndarray) -> Outputs:
        import tensorflow as tf

        raise tf.errors.InternalError(None, None, "CUDA_ERROR_DEVICE_UNAVAILABLE")


def expected(images: np.ndarray) -> np.ndarray:
    """The network of conftest in one line: 4 × the mean of each channel in [0, 1]."""
    return 4 * (images / 255).mean(axis=(1, 2))


def check(backend: SparingBackend, notes: list[str]) -> None:
    found = backend.outputs(IMAGES)
    np.testing.assert_allclose(found.logits, expected(IMAGES), rtol=1e-5)
    np.testing.assert_allclose(found.features, IMAGES.mean(axis=(1, 2)) / 255, rtol=1e-5)
    assert [note.code for note in backend.notes] == notes


def test_a_batch_without_room_is_halved_once(model_folder: Path) -> None:
    short = Short(model_folder)
    short.most = 3
    check(SparingBackend(short, lambda: pytest.fail("not needed")), [])


@pytest.mark.parametrize("kind", [Short, Lost])
@pytest.mark.parametrize("exported", [True, False])
def test_then_the_processor_answers_and_says_so(
    published: Card, kind: type[TensorFlowBackend], exported: bool
) -> None:
    stored = get_model("digits")
    if not exported:
        (stored.folder / "openvino/model.bin").unlink()
    on_cpu = cpu_backend(stored)
    assert isinstance(on_cpu, OpenVinoBackend if exported else TensorFlowBackend)
    check(SparingBackend(kind(stored.folder), lambda: on_cpu), ["on_cpu"])


def test_the_device_is_tried_again(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    short = Short(model_folder)
    backend = SparingBackend(short, lambda: OpenVinoBackend(model_folder))
    check(backend, ["on_cpu"])
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        check(backend, ["on_cpu"])
    assert caplog.text == ""  # it is left alone for a while
    short.most = 5
    monkeypatch.setattr(backend, "_until_s", 0.0)
    check(backend, [])


def test_without_memory_anywhere_it_is_unavailable(model_folder: Path) -> None:
    backend = SparingBackend(Short(model_folder), lambda: Short(model_folder))
    with pytest.raises(Unavailable) as caught:
        backend.outputs(IMAGES)
    assert caught.value.code == "out_of_memory"


def test_the_visitor_is_told(
    published: Card, image: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(stored: Any) -> Short:
        return Short(stored.folder)

    monkeypatch.setattr(loaded, "choose_backend", choose)
    answer = Engine().classify(image)
    assert answer.predictions[0].label == "green"
    assert "on_cpu" in [note.code for note in answer.notes]


@pytest.mark.parametrize("value", ["", "-1"])
def test_a_hidden_gpu_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setattr(backends.Path, "exists", lambda path: True)  # as where there is one
    assert has_gpu()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    assert not has_gpu()
