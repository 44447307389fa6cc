import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dashboard.core.models.outputs import Outputs
from dashboard.core.serving import batching
from dashboard.core.serving.backends import OpenVinoBackend, TensorFlowBackend
from dashboard.core.serving.batching import Batcher, max_batch
from dashboard.core.settings import settings

IMAGES = np.random.default_rng(1).integers(0, 256, (40, 8, 8, 3), np.uint8)


class Network:
    """Sums each image, and remembers how many came at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.release = threading.Event()
        self.entered = threading.Event()

    def outputs(self, batch: np.ndarray) -> Outputs:
        self.sizes.append(len(batch))
        self.entered.set()
        assert self.release.wait(10)
        if batch.max() == 255 and batch.min() == 255:
            raise ZeroDivisionError
        sums = batch.reshape(len(batch), -1).sum(axis=1, keepdims=True).astype(np.float32)
        return Outputs(sums, -sums)


def ones(value: int) -> np.ndarray:
    return np.full((1, 2, 2, 1), value, np.uint8)


def test_those_who_come_while_it_is_busy_go_together() -> None:
    network = Network()
    batcher = Batcher(network.outputs, max_batch=4)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher.outputs, ones(1))
        assert network.entered.wait(10)
        others = [pool.submit(batcher.outputs, ones(value)) for value in range(2, 8)]
        while len(batcher._waiting) < 6:
            pass
        network.release.set()
        assert first.result().logits == [[4]]
        assert [other.result().features.tolist() for other in others] == [
            [[-4 * n]] for n in range(2, 8)
        ]
    assert network.sizes == [1, 4, 2]


def test_alone_nobody_waits() -> None:
    network = Network()
    network.release.set()
    batcher = Batcher(network.outputs, max_batch=4)
    assert batcher.outputs(ones(1)).logits == [[4]]
    assert network.sizes == [1]


def test_with_a_wait_those_who_come_meanwhile_go_along() -> None:
    network = Network()
    network.release.set()
    batcher = Batcher(network.outputs, max_batch=4, wait_s=0.5)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda value: batcher.outputs(ones(value)).logits, (1, 2, 3)))
    assert [answer.tolist() for answer in found] == [[[4]], [[8]], [[12]]]
    assert network.sizes == [3]


def test_an_error_reaches_all_of_a_call_and_no_other() -> None:
    network = Network()
    network.release.set()
    batcher = Batcher(network.outputs, max_batch=4)
    with pytest.raises(ZeroDivisionError):
        batcher.outputs(ones(255))
    assert batcher.outputs(ones(2)).logits == [[8]]


@pytest.mark.parametrize("kind", [OpenVinoBackend, TensorFlowBackend])
def test_together_or_apart_is_the_same(
    kind: type[OpenVinoBackend | TensorFlowBackend], model_folder: Path
) -> None:
    backend = kind(model_folder)
    sizes = []

    def outputs(batch: np.ndarray) -> Outputs:
        sizes.append(len(batch))
        return backend.outputs(batch)

    batcher = Batcher(outputs, max_batch=8)
    with ThreadPoolExecutor(12) as pool:
        found = pool.map(lambda i: batcher.outputs(IMAGES[i % 40][None]).logits[0], range(400))
        together = list(found)
    apart = [backend.outputs(image[None]).logits[0] for image in IMAGES]
    np.testing.assert_allclose(together, np.tile(apart, (10, 1)), atol=1e-5)
    assert max(sizes) > 1


def test_off_without_a_gpu_unless_it_is_asked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "has_gpu", lambda: False)
    assert max_batch() == 1
    monkeypatch.setattr(batching, "has_gpu", lambda: True)
    assert max_batch() == 8
    monkeypatch.setenv("LIGHTBOX_MAX_BATCH", "3")
    settings.cache_clear()
    assert max_batch() == 3
