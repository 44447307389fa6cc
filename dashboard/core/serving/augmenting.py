"""Shows what an augmentation does, to the eye and to a model. TensorFlow is imported when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboard.core.data.augmentation.catalog import check_augmentation, mixes
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.errors import InvalidInput
from dashboard.core.evaluate.metrics import share_with_interval
from dashboard.core.images import encode_png, fit, for_eyes
from dashboard.core.models.probabilities import answers
from dashboard.core.serving.augmented import (
    Effect,
    EffectQuestion,
    LabelledImage,
    Preview,
    PreviewQuestion,
)
from dashboard.core.serving.backends import tensorflow
from dashboard.core.serving.evaluation import require_same_classes
from dashboard.core.serving.loaded import LoadedModel

MAX_MEASURED = 200
"""Images an effect is measured on: its interval is then at most ±7 percentage points."""

SHOWN_PIXELS = (160, 320)
"""Sides between which a picture is large enough to see and small enough to send."""

_BATCH = 64
_LEAST_SHARE = 0.005


def preview(question: PreviewQuestion) -> Preview:
    """Apply augmentations to images of a data set.

    Raises:
        NotFound: No such data set, version or image.
        InvalidInput: An augmentation that does not exist or does not apply.
    """
    shape = question.height, question.width, question.channels
    check_augmentation(question.strengths, question.channels)
    dataset = get_dataset(question.dataset, question.version)
    images = _images(dataset, question.ids, *shape)
    labels = _labels(dataset, question.ids)
    augment = _augmenter(question.strengths, question.seed)
    rounds = [augment(images, labels, step) for step in range(question.copies)]
    return Preview(
        tuple(map(_labelled, images, labels)),
        tuple(
            tuple(_labelled(pixels[row], mixed[row]) for pixels, mixed in rounds)
            for row in range(len(images))
        ),
    )


def effect(question: EffectQuestion, model: LoadedModel) -> Effect:
    """Compare a model's answers to validation images before and after an augmentation.

    An answer to several tasks, or of several labels, is right where all of it is.

    Test images are never used: what is chosen by them could no longer be tested on them.

    Raises:
        NotFound: No such data set or version.
        InvalidInput: An augmentation that mixes labels, other classes, or no validation images.
    """
    dataset, size = get_dataset(question.dataset, question.version), model.card.input
    require_same_classes(dataset, model.card)
    check_augmentation(question.strengths, size.channels)
    if mixes(name for name, strength in question.strengths.items() if strength):
        raise InvalidInput(
            "MixUp and CutMix give an image another label, so another answer is no fault. "
            "Leave them out.",
            code="mixes_labels",
        )
    rows = dataset.rows("val").sort_values("id").head(MAX_MEASURED)
    if rows.empty:
        raise InvalidInput(
            "The data set “{dataset}” has no validation images to measure on.",
            code="empty_split",
            dataset=dataset.name,
        )
    images = _images(dataset, list(rows["id"]), size.height, size.width, size.channels)
    augment = _augmenter(question.strengths, question.seed)
    tasks = dataset.tasks
    before, after = [], []
    for step, start in enumerate(range(0, len(images), _BATCH)):
        batch = images[start : start + _BATCH]
        before.append(answers(model.probabilities(batch), tasks))
        after.append(answers(model.probabilities(augment(batch, None, step)[0]), tasks))
    targets = answers(_labels(dataset, list(rows["id"])), tasks)
    return _compare(targets, np.concatenate(before), np.concatenate(after))


def _compare(targets: np.ndarray, before: np.ndarray, after: np.ndarray) -> Effect:
    changed = (before != after).any(axis=1)
    spoiled = (before == targets).all(axis=1) & (after != targets).any(axis=1)
    return Effect(
        share_with_interval("changed", int(changed.sum()), len(targets), "val"),
        share_with_interval("spoiled", int(spoiled.sum()), len(targets), "val"),
    )


def _labels(dataset: Dataset, ids: Sequence[str]) -> np.ndarray:
    """Return float32 (n, classes), 1 where a label applies."""
    labels = np.zeros((len(ids), len(dataset.classes)), np.float32)
    for row, image_id in enumerate(ids):
        labels[row, dataset.row(image_id)["labels"]] = 1
    return labels


def _images(
    dataset: Dataset, ids: Sequence[str], height: int, width: int, channels: int
) -> np.ndarray:
    return np.stack([fit(dataset.pixels(item), height, width, channels) for item in ids])


def _augmenter(strengths: Mapping[str, float], seed: int) -> Any:
    """Return `(uint8 images, labels, step) → (uint8 images, labels)`, as training applies it."""
    tf = tensorflow()
    from dashboard.core.data.augmentation.augmenter import Augmenter

    augmenter = Augmenter(strengths, seed)

    def augment(images: np.ndarray, labels: Any, step: int) -> tuple[np.ndarray, Any]:
        with tf.device("CPU"):  # where training does it
            changed, mixed = augmenter(tf.constant(images, tf.float32), labels, step)
        return np.rint(changed).astype(np.uint8), mixed if mixed is None else np.asarray(mixed)

    return augment


def _labelled(pixels: np.ndarray, label: np.ndarray) -> LabelledImage:
    order = [int(index) for index in np.argsort(-label, kind="stable")]
    shares = tuple((i, float(label[i])) for i in order if label[i] >= _LEAST_SHARE)
    return LabelledImage(encode_png(for_eyes(pixels, *SHOWN_PIXELS)), shares)
