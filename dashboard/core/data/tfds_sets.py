"""Data sets of TensorFlow Datasets, where that package is installed."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from dashboard.core.data.archive import MAX_EXPANDED, MAX_MEMBERS
from dashboard.core.data.download import Progress
from dashboard.core.data.report import Dropped
from dashboard.core.data.sources import ArraySource, Source
from dashboard.core.data.split_names import split_of
from dashboard.core.errors import InvalidInput, TooLarge, Unavailable
from dashboard.core.settings import settings

PREFIX = "tfds:"
"""Before a name of TensorFlow Datasets, such as `tfds:eurosat`."""

_NAME = re.compile(r"[a-z0-9_]+(/[\w.-]+)?(:\d+\.\d+\.\d+)?")


def tfds_source(where: str, say: Progress) -> Source:
    """Return the single-label image data set `where`, with its prefix.

    Raises:
        InvalidInput: The package is missing (`tfds_missing`), the name is none (`bad_tfds_name`),
            or its examples are not an image with a class (`not_classification`).
        TooLarge: More images or bytes than an import takes.
        Unavailable: It cannot be fetched or prepared (`no_network`).
    """
    name = where.removeprefix(PREFIX)
    try:
        import tensorflow_datasets as tfds
    except ImportError:
        raise InvalidInput(
            "“{name}” is a data set of TensorFlow Datasets, which is not installed. Install it "
            "with: pip install tensorflow-datasets",
            code="tfds_missing",
            name=name[:80],
        ) from None
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "“{name}” is no name of a TensorFlow data set. Write it like tfds:eurosat or "
            "tfds:eurosat/rgb.",
            code="bad_tfds_name",
            name=name[:80],
        )
    say(0, 1, "fetching")
    try:
        builder = tfds.builder(name, data_dir=settings().home / "downloads" / "tfds")
        builder.download_and_prepare()
    except Exception as error:  # anything from a wrong name to a broken mirror
        raise Unavailable(
            "TensorFlow Datasets could not fetch “{name}”. Check the name and the network.",
            code="no_network",
            name=name,
        ) from error
    return _source(name, builder, tfds.as_numpy)


def _source(name: str, builder: Any, as_numpy: Any) -> Source:
    keys = builder.info.supervised_keys or ("", "")
    names = getattr(builder.info.features.get(keys[1]), "names", None)
    if not names or len(getattr(builder.info.features[keys[0]], "shape", None) or ()) != 3:
        raise InvalidInput(
            "The examples of “{name}” are not one image with one class each. Choose another set.",
            code="not_classification",
            name=name,
        )
    images: list[np.ndarray] = []
    labels: list[tuple[str, ...]] = []
    splits: list[str | None] = []
    n_bytes = 0
    found = {split: split_of(split) for split in builder.info.splits}
    for split, ours in found.items():
        if not ours:
            continue
        for image, label in as_numpy(builder.as_dataset(split=split, as_supervised=True)):
            images.append(np.asarray(image, np.uint8))
            labels.append((names[int(label)],))
            splits.append(ours)
            n_bytes += image.nbytes
            if len(images) > MAX_MEMBERS or n_bytes > 4 * MAX_EXPANDED:
                raise TooLarge(
                    "“{name}” is larger than an import takes: {limit} images.",
                    name=name,
                    limit=MAX_MEMBERS,
                )
    dropped = tuple(_other(split, builder.info.splits[split].num_examples)
                    for split, ours in found.items() if not ours)  # fmt: skip
    plain = re.split("[/:]", name)[0]
    return ArraySource(plain, images, labels, splits, dropped)


def _other(split: str, n: int) -> Dropped:
    error = InvalidInput(
        "The split “{split}” with {n} images is none of train, val and test.",
        code="unknown_split",
        split=split[:40],
        n=int(n),
    )
    return Dropped.because(split, error)
