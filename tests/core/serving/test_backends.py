from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dashboard.core.errors import LightboxError
from dashboard.core.models.card import Card
from dashboard.core.models.store import get_model, publish
from dashboard.core.serving import backends
from dashboard.core.serving.backends import (
    OpenVinoBackend,
    TensorFlowBackend,
    choose_backend,
    has_gpu,
    needs_tensorflow,
)

IMAGES = np.random.default_rng(1).integers(0, 256, (40, 8, 8, 3), np.uint8)


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "has_gpu", lambda: False)


def expected(images: np.ndarray) -> np.ndarray:
    """The network of conftest in one line: 4 × the mean of each channel in [0, 1]."""
    return 4 * (images / 255).mean(axis=(1, 2))


@pytest.mark.parametrize("kind", [OpenVinoBackend, TensorFlowBackend])
def test_logits(kind: type[OpenVinoBackend | TensorFlowBackend], model_folder: Path) -> None:
    backend = kind(model_folder)
    for n in (1, 40):
        logits = backend.outputs(IMAGES[:n]).logits
        assert logits.dtype == np.float32
        np.testing.assert_allclose(logits, expected(IMAGES[:n]), rtol=1e-5)


@pytest.mark.parametrize("kind", [OpenVinoBackend, TensorFlowBackend])
def test_many_threads(kind: type[OpenVinoBackend | TensorFlowBackend], model_folder: Path) -> None:
    backend = kind(model_folder)
    with ThreadPoolExecutor(8) as pool:
        results = list(
            pool.map(lambda i: backend.outputs(IMAGES[i % 40][None]).logits[0], range(400))
        )
    np.testing.assert_allclose(results, np.tile(expected(IMAGES), (10, 1)), rtol=1e-5)


def test_the_exported_form_serves_where_it_is_valid(published: Card) -> None:
    assert isinstance(choose_backend(get_model("digits")), OpenVinoBackend)


def test_an_export_of_another_file_does_not(home: Path, variant: Callable[..., Path]) -> None:
    publish(variant(), "m")  # another model.keras beside the same openvino/
    assert isinstance(choose_backend(get_model("m")), TensorFlowBackend)


def test_a_damaged_export_gives_way_to_keras(published: Card) -> None:
    (get_model("digits").folder / "openvino" / "model.xml").write_bytes(b"<net")
    assert isinstance(choose_backend(get_model("digits")), TensorFlowBackend)


def test_on_a_gpu_tensorflow_serves(published: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "has_gpu", lambda: True)
    assert needs_tensorflow(get_model("digits"))


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_hidden_gpu_is_none(monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    monkeypatch.setattr(Path, "exists", lambda self: True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert not has_gpu()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert has_gpu()


@pytest.mark.parametrize("content", [b"", b"PK\3\4 not a model"])
def test_a_damaged_model_is_a_plain_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.keras").write_bytes(content)
    with pytest.raises(LightboxError, match="cannot be loaded"):
        TensorFlowBackend(tmp_path)
