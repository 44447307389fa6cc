"""Networks of `keras.applications` with weights: fetched over HTTP, kept, and without a network."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras.src.applications import imagenet_utils, mobilenet_v2
from keras.src.backend import config
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

from dashboard.core.errors import Unavailable
from dashboard.core.models.foreign.applications import application, imagenet_labels
from dashboard.core.models.foreign.importing import import_model
from dashboard.core.models.foreign.request import ImportRequest
from dashboard.core.serving.engine import Engine
from dashboard.core.serving.question import Question
from tests import contract

FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, keras.Model]:
    """A file of weights in the old form that Keras publishes, of a network that knows nothing."""
    keras.utils.set_random_seed(0)
    network = keras.applications.MobileNetV2(weights=None)
    path = tmp_path_factory.mktemp("weights") / FILE
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, network)
    return path, network


@pytest.fixture
def shop(made: tuple[Path, keras.Model]) -> Iterator[str]:
    """Stands for the place Keras fetches weights from; yields its address."""
    handler = functools.partial(Quiet, directory=str(made[0].parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))  # for processes that are yet to start
    monkeypatch.setattr(config, "_KERAS_DIR", str(tmp_path))  # this one has read it
    return tmp_path


def test_weights_are_fetched_once_and_kept(
    made: tuple[Path, keras.Model], shop: str, keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mobilenet_v2, "BASE_WEIGHT_PATH", shop)
    fetched = application("MobileNetV2", "imagenet")
    for ours, theirs in zip(fetched.weights, made[1].weights, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert (keras_home / "models" / FILE).read_bytes() == made[0].read_bytes()
    monkeypatch.setattr(mobilenet_v2, "BASE_WEIGHT_PATH", "http://127.0.0.1:9/")
    application("MobileNetV2", "imagenet")


def test_without_a_network_it_is_one_sentence(
    keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mobilenet_v2, "BASE_WEIGHT_PATH", "http://127.0.0.1:9/")
    with pytest.raises(Unavailable) as refused:
        application("MobileNetV2", "imagenet")
    contract.check_sentence(str(refused.value))
    assert "Connect to the internet once" in str(refused.value)


def test_labels_are_decoded_and_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """ImageNet's list has two cranes and two maillots."""
    index = {str(n): [f"n{n:08d}", f"thing_{n}"] for n in range(1000)}
    index |= {"134": ["n02012849", "crane"], "517": ["n03126707", "crane"]}
    monkeypatch.setattr(imagenet_utils, "CLASS_INDEX", index)
    labels = imagenet_labels("MobileNetV2")
    assert len(set(labels)) == 1000
    assert labels[:2] == ("thing 0", "thing 1")
    assert (labels[134], labels[517]) == ("crane (n02012849)", "crane (n03126707)")


@pytest.mark.usefixtures("home")
def test_kept_weights_become_a_model_that_answers(
    made: tuple[Path, keras.Model], keras_home: Path
) -> None:
    """In the process of its own, without any network."""
    (keras_home / "models").mkdir()
    (keras_home / "models" / FILE).write_bytes(made[0].read_bytes())
    labels = tuple(f"class {number}" for number in range(1000))
    import_model(ImportRequest("keras:MobileNetV2", labels, "mobile"))
    answer = Engine().classify(contract.GOOD, Question(model="mobile", top=1000))
    contract.check_probabilities([item.probability for item in answer.predictions])
    assert len(answer.predictions) == 1000
