"""The data sets of `keras.datasets`, by name, without TensorFlow.

The same files from the same addresses with the hashes in Keras's source (3.15); those of
Fashion-MNIST, which Keras does not check, are TensorFlow Datasets'. Licences: MNIST CC BY-SA 3.0,
Fashion-MNIST MIT; the CIFAR sets state none.

Ref. LeCun et al., Gradient-based learning applied to document recognition (1998); Xiao et al.,
Fashion-MNIST (2017), arXiv:1708.07747; Krizhevsky, Learning multiple layers of features from tiny
images (2009).
"""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.data.download import Progress, fetch
from dashboard.core.data.sources import ArraySource, Source

_GOOGLE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_TORONTO = "https://www.cs.toronto.edu/~kriz/"

_Part = tuple[np.ndarray, Sequence[str]]  # uint8 (n, h, w[, 3]), class names (n,)


@dataclass(frozen=True)
class KerasSet:
    """One data set.

    Attributes:
        files: Address and sha256 of each file.
        read: Paths of the files → training part, test part.
    """

    files: tuple[tuple[str, str], ...]
    read: Callable[[list[Path]], tuple[_Part, _Part]]


def keras_source(name: str, say: Progress) -> Source:
    """Return the data set `name` of `KERAS_SETS`, fetched if need be. Raises as `fetch`."""
    chosen = KERAS_SETS[name]
    paths = [fetch(url, sha256, say) for url, sha256 in chosen.files]
    parts = dict(zip(("train", "test"), chosen.read(paths), strict=True))
    images = [image for pixels, _ in parts.values() for image in pixels]
    labels = [(label,) for _, found in parts.values() for label in found]
    splits = [split for split, (pixels, _) in parts.items() for _ in pixels]
    return ArraySource(name, images, labels, splits)


def _mnist(paths: list[Path]) -> tuple[_Part, _Part]:
    with np.load(paths[0], allow_pickle=False) as found:
        train, test = ((found[f"x_{part}"], found[f"y_{part}"]) for part in ("train", "test"))
        return (train[0], train[1].astype(str)), (test[0], test[1].astype(str))


_FASHION = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
)  # fmt: skip


def _fashion(paths: list[Path]) -> tuple[_Part, _Part]:
    parts = [np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8) for path in paths]
    train_images, train_labels, test_images, test_labels = parts  # behind headers of 16, 8 bytes
    return (
        (train_images[16:].reshape(-1, 28, 28), [_FASHION[i] for i in train_labels[8:]]),
        (test_images[16:].reshape(-1, 28, 28), [_FASHION[i] for i in test_labels[8:]]),
    )


def _cifar10(paths: list[Path]) -> tuple[_Part, _Part]:
    train = [f"cifar-10-batches-py/data_batch_{number}" for number in range(1, 6)]
    test, meta = "cifar-10-batches-py/test_batch", "cifar-10-batches-py/batches.meta"
    return _cifar(paths[0], (*train, test, meta), b"labels", b"label_names")


def _cifar100(paths: list[Path]) -> tuple[_Part, _Part]:
    names = tuple(f"cifar-100-python/{part}" for part in ("train", "test", "meta"))
    return _cifar(paths[0], names, b"fine_labels", b"fine_label_names")


def _cifar(path: Path, names: Sequence[str], labels: bytes, meta: bytes) -> tuple[_Part, _Part]:
    with tarfile.open(path) as archive:
        found = [_unpickled(archive.extractfile(name).read()) for name in names]  # type: ignore[union-attr]
    classes = [name.decode() for name in found[-1][meta]]
    pixels = [
        part[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy() for part in found[:-1]
    ]
    named = [[classes[index] for index in part[labels]] for part in found[:-1]]
    train_labels = [label for part in named[:-1] for label in part]
    return (np.concatenate(pixels[:-1]), train_labels), (pixels[-1], named[-1])


_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): "numpy._core.multiarray",
    ("numpy._core.multiarray", "_reconstruct"): "numpy._core.multiarray",
    ("numpy", "ndarray"): "numpy",
    ("numpy", "dtype"): "numpy",
    ("_codecs", "encode"): "_codecs",
}


class _ArraysOnly(pickle.Unpickler):
    """Reads arrays, lists and strings, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(_ALLOWED[module, name], name)


def _unpickled(content: bytes) -> Any:
    return _ArraysOnly(io.BytesIO(content), encoding="bytes").load()


KERAS_SETS = {
    "mnist": KerasSet(
        (
            (
                _GOOGLE + "mnist.npz",
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            ),
        ),
        _mnist,
    ),
    "fashion_mnist": KerasSet(
        (
            (
                _GOOGLE + "train-images-idx3-ubyte.gz",
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            (
                _GOOGLE + "train-labels-idx1-ubyte.gz",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            (
                _GOOGLE + "t10k-images-idx3-ubyte.gz",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            (
                _GOOGLE + "t10k-labels-idx1-ubyte.gz",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ),
        _fashion,
    ),
    "cifar10": KerasSet(
        (
            (
                _TORONTO + "cifar-10-python.tar.gz",
                "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            ),
        ),
        _cifar10,
    ),
    "cifar100": KerasSet(
        (
            (
                _TORONTO + "cifar-100-python.tar.gz",
                "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            ),
        ),
        _cifar100,
    ),
}
"""Name → where it is and how it is read."""
