"""Keras's and TensorFlow's sets, from a server on this machine and a pretended package."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import sys
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from dashboard.core.data import keras_sets
from dashboard.core.data.download import fetch
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.opening import NAMES, is_name
from dashboard.core.errors import InvalidInput, LightboxError, NotFound, Unavailable

N_TRAIN, N_TEST = 40, 10


class Quiet(SimpleHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012  shared on purpose, emptied by the fixture

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "www").mkdir()
    return tmp_path / "www"


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    Quiet.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def pictures(n: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (n, *shape), np.uint8)


def numbers(n: int, classes: int = 10) -> np.ndarray:
    return (np.arange(n) % classes).astype(np.uint8)


def mnist() -> dict[str, bytes]:
    out = io.BytesIO()
    np.savez(
        out,
        x_train=pictures(N_TRAIN, 28, 28),
        y_train=numbers(N_TRAIN),
        x_test=pictures(N_TEST, 28, 28),
        y_test=numbers(N_TEST),
    )
    return {"mnist.npz": out.getvalue()}


def fashion() -> dict[str, bytes]:
    files = {}
    for part, n in (("train", N_TRAIN), ("t10k", N_TEST)):
        files[f"{part}-images-idx3-ubyte.gz"] = bytes(16) + pictures(n, 28, 28).tobytes()
        files[f"{part}-labels-idx1-ubyte.gz"] = bytes(8) + numbers(n).tobytes()
    return {name: gzip.compress(content) for name, content in files.items()}


def packed(name: str, **parts: dict[bytes, object]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for part, content in parts.items():
            info = tarfile.TarInfo(f"{name}/{part}")
            data = pickle.dumps(content, protocol=2)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def rows(n: int, key: bytes, classes: int = 10) -> dict[bytes, object]:
    return {b"data": pictures(n, 3072), key: numbers(n, classes).tolist()}


def cifar10() -> dict[str, bytes]:
    parts = {f"data_batch_{i}": rows(N_TRAIN // 5 + i - 3, b"labels", 5) for i in range(1, 6)}
    parts["test_batch"] = rows(N_TEST, b"labels")
    parts["batches.meta"] = {b"label_names": [b"class %d" % i for i in range(10)]}
    return {"cifar-10-python.tar.gz": packed("cifar-10-batches-py", **parts)}


def cifar100() -> dict[str, bytes]:
    parts = {part: rows(n, b"fine_labels") for part, n in (("train", N_TRAIN), ("test", N_TEST))}
    parts["meta"] = {b"fine_label_names": [b"fine %d" % i for i in range(10)]}
    return {"cifar-100-python.tar.gz": packed("cifar-100-python", **parts)}


MAKE = {"mnist": mnist, "fashion_mnist": fashion, "cifar10": cifar10, "cifar100": cifar100}


@pytest.fixture(params=list(MAKE))
def published(request, folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Serve small files of the same form in place of those of the set `request.param`."""
    files = MAKE[request.param]()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    real = keras_sets.KERAS_SETS[request.param]
    names = [url.rsplit("/", 1)[-1] for url, _ in real.files]
    here = tuple((address + name, hashlib.sha256(files[name]).hexdigest()) for name in names)
    replaced = keras_sets.KerasSet(here, real.read)
    monkeypatch.setitem(keras_sets.KERAS_SETS, request.param, replaced)
    return str(request.param)


def test_keras_sets(home, published):
    told = []
    dataset = import_dataset(published, on_progress=lambda *news: told.append(news))
    assert (dataset.name, dataset.report.kept) == (published, N_TRAIN + N_TEST)
    assert dataset.report.dropped == ()
    assert dataset.counts()["test"].sum() == N_TEST
    assert dataset.counts()["val"].sum() > 0
    assert "fetching" in {stage for *_, stage in told}
    n = len(Quiet.asked)
    assert import_dataset(published, "again").version == dataset.version
    assert len(Quiet.asked) == n  # the second time from the home
    assert "tensorflow" not in sys.modules or "keras" in sys.modules


def test_pixels_and_names_are_right(home, monkeypatch, folder, address):
    (folder / "c").write_bytes(cifar10()["cifar-10-python.tar.gz"])
    sha256 = hashlib.sha256((folder / "c").read_bytes()).hexdigest()
    replaced = keras_sets.KerasSet(((address + "c", sha256),), keras_sets._cifar10)
    monkeypatch.setitem(keras_sets.KERAS_SETS, "cifar10", replaced)
    dataset = import_dataset("cifar10")
    test = dataset.rows("test").sort_values("source")
    expected = pictures(N_TEST, 3072).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    assert all((dataset.pixels(i) == e).all() for i, e in zip(test["id"], expected, strict=True))
    names = [dataset.label(labels) for labels in test["labels"]]
    assert names == [f"class {i}" for i in range(N_TEST)]


def test_class_names_with_a_slash_are_data():
    assert "T-shirt/top" in keras_sets._FASHION


def test_no_network_is_a_sentence(home):
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9 cannot be reached") as caught:
        fetch("http://127.0.0.1:9/mnist.npz", "0" * 64, lambda *_: None)
    assert caught.value.code == "no_network"
    assert list((home / "downloads").iterdir()) == []


def test_what_is_not_there_and_what_is_something_else(home, folder, address):
    with pytest.raises(Unavailable, match="HTTP 404") as caught:
        fetch(address + "gone", "0" * 64, lambda *_: None)
    assert caught.value.code == "download_refused"
    (folder / "file").write_bytes(b"something else")
    with pytest.raises(Unavailable, match="not the published file"):
        fetch(address + "file", "0" * 64, lambda *_: None)
    assert list((home / "downloads").iterdir()) == []


def test_a_connection_that_breaks_off_leaves_nothing(home, address, monkeypatch):
    def half(self: Quiet) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"x" * 50)

    monkeypatch.setattr(Quiet, "do_GET", half)
    with pytest.raises(Unavailable):
        fetch(address + "file", "0" * 64, lambda *_: None)
    assert list((home / "downloads").iterdir()) == []


def test_pickles_call_nothing():
    with pytest.raises(pickle.UnpicklingError):
        keras_sets._unpickled(b"cos\nsystem\n(S'true'\ntR.")


def test_names_and_paths(home):
    assert {"digits", "digits-multi", "mnist", "cifar100"} <= set(NAMES)
    assert is_name("tfds:eurosat")
    assert not any(map(is_name, ("./mnist", "/etc", "mnist.zip", "")))
    with pytest.raises(NotFound, match="cifar100"):
        import_dataset("nothing")


def test_tfds_that_is_missing_says_what_to_install(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(InvalidInput, match="pip install tensorflow-datasets"):
        import_dataset("tfds:eurosat")


class Builder:
    """What `tfds.builder` returns, as far as it is used."""

    def __init__(self, keys: tuple[str, str] | None = ("image", "label")) -> None:
        features = {
            "image": SimpleNamespace(shape=(None, None, 3)),
            "label": SimpleNamespace(names=["cat", "dog"]),
        }
        splits = {name: SimpleNamespace(num_examples=8) for name in ("train", "test", "extra")}
        self.info = SimpleNamespace(supervised_keys=keys, features=features, splits=splits)

    def download_and_prepare(self) -> None:
        pass

    def as_dataset(self, split: str, as_supervised: bool):
        assert as_supervised
        images = np.random.default_rng(len(split)).integers(0, 256, (8, 20, 30, 3), np.uint8)
        return [(image, number % 2) for number, image in enumerate(images)]


@pytest.fixture
def tfds(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("tensorflow_datasets")
    vars(module).update(builder=lambda name, data_dir: Builder(), as_numpy=lambda found: found)
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", module)
    return module


def test_tfds(home, tfds):
    dataset = import_dataset("tfds:pets/small:1.0.0")
    assert (dataset.name, dataset.classes, dataset.report.kept) == ("pets", ("cat", "dog"), 16)
    assert dataset.counts()["test"].tolist() == [4, 4]
    assert [(item.file, item.code) for item in dataset.report.dropped] == [
        ("extra", "unknown_split")
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [("tfds:../x", "bad_tfds_name"), ("tfds:", "bad_tfds_name"), ("tfds:text", "no_network")],
)
def test_tfds_names_that_do_not_work(home, tfds, name, code):
    def fail(name: str, data_dir: Path) -> Builder:
        raise ValueError(name)

    tfds.builder = fail  # type: ignore[attr-defined]
    with pytest.raises(LightboxError) as caught:
        import_dataset(name)
    assert caught.value.code == code


def test_tfds_sets_that_are_no_classification(home, tfds):
    tfds.builder = lambda name, data_dir: Builder(None)  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput, match="one image with one class"):
        import_dataset("tfds:coco")
