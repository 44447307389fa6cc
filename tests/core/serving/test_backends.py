from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.core.errors import LightboxError
from dashboard.core.models.card import Card, Export, load_card, save_card
from dashboard.core.models.store import file_sha256, get_model, publish
from dashboard.core.serving import backends
from dashboard.core.serving.backends import (
    OpenVinoBackend,
    TensorFlowBackend,
    choose_backend,
    has_gpu,
    needs_tensorflow,
)
from dashboard.core.serving.company import company
from dashboard.core.serving.mixed import in_mixed_precision
from dashboard.core.settings import settings

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


def test_whoever_is_not_alone_gets_the_same_answer_from_his_share(
    variant: Callable[..., Path],
) -> None:
    folder = variant()
    backend = OpenVinoBackend(folder)
    with company.joined():
        alone = backend.outputs(IMAGES[:1])
        with company.joined():
            (folder / "openvino" / "model.bin").write_bytes(b"")  # it was read at the start
            found = backend.outputs(IMAGES[:1])
    np.testing.assert_allclose(found.logits, expected(IMAGES[:1]), rtol=1e-5)
    np.testing.assert_allclose(found.features, alone.features, rtol=1e-5)


def test_the_exported_form_serves_where_it_is_valid(published: Card) -> None:
    assert isinstance(choose_backend(get_model("digits")), OpenVinoBackend)


def test_an_export_of_another_file_does_not(home: Path, variant: Callable[..., Path]) -> None:
    publish(variant(), "m")  # another model.keras beside the same openvino/
    assert isinstance(choose_backend(get_model("m")), TensorFlowBackend)


def test_a_damaged_export_gives_way_to_keras(published: Card) -> None:
    (get_model("digits").folder / "openvino" / "model.xml").write_bytes(b"<net")
    assert isinstance(choose_backend(get_model("digits")), TensorFlowBackend)


def test_an_export_that_answers_otherwise_gives_way_to_keras(
    published: Card, caplog: pytest.LogCaptureFixture
) -> None:
    path = get_model("digits").folder / "openvino" / "model.bin"
    four, five = np.float32(4).tobytes(), np.float32(5).tobytes()
    assert four in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(four, five))
    assert isinstance(choose_backend(get_model("digits")), TensorFlowBackend)
    assert "answers otherwise than Keras" in caplog.text


def test_without_a_probe_on_its_card_an_export_is_trusted(
    home: Path, variant: Callable[..., Path], model_folder: Path
) -> None:
    export = load_card(model_folder).export
    assert export is not None
    folder = variant()
    sha256 = file_sha256(folder / "model.keras")
    old = export.model_copy(update={"probe": (), "model_sha256": sha256})
    publish(variant_card(folder, old), "old")
    assert isinstance(choose_backend(get_model("old")), OpenVinoBackend)


def variant_card(folder: Path, export: Export) -> Path:
    save_card(load_card(folder).model_copy(update={"export": export}), folder)
    return folder


def test_fast_is_close(published: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTBOX_FAST", "1")
    settings.cache_clear()
    backend = choose_backend(get_model("digits"))
    assert isinstance(backend, OpenVinoBackend)
    for n in (1, 40):
        np.testing.assert_allclose(
            backend.outputs(IMAGES[:n]).logits, expected(IMAGES[:n]), rtol=0.02
        )


def test_on_a_gpu_it_is_compiled_in_mixed_precision_and_still_answers_the_same(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = []

    def mixed(network: Any) -> Any:
        forms.append(in_mixed_precision(network))
        return forms[-1]

    monkeypatch.setattr(backends, "has_gpu", lambda: True)
    monkeypatch.setattr(backends, "in_mixed_precision", mixed)
    backend = TensorFlowBackend(model_folder)
    for n in (1, 3, 40):  # 3 and 40 are filled up to 4 and 64
        logits = backend.outputs(IMAGES[:n]).logits
        assert logits.dtype == np.float32
        np.testing.assert_allclose(logits, expected(IMAGES[:n]), atol=4e-3)
    policies = {layer.name: layer.dtype_policy.name for layer in forms[0].layers}
    assert (policies["colours"], policies["logits"]) == ("mixed_float16", "float32")
    assert backend.model.network.get_layer("colours").dtype_policy.name == "float32"


def test_where_mixed_precision_answers_otherwise_single_precision_serves(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(network: Any) -> Any:
        copy = in_mixed_precision(network)
        copy.set_weights([weights + 1 for weights in copy.get_weights()])
        return copy

    monkeypatch.setattr(backends, "has_gpu", lambda: True)
    monkeypatch.setattr(backends, "in_mixed_precision", wrong)
    logits = TensorFlowBackend(model_folder).outputs(IMAGES).logits
    np.testing.assert_allclose(logits, expected(IMAGES), rtol=1e-5)


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
