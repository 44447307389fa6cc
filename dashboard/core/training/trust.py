"""Measures a trained network's trustworthiness on held-out images. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dashboard.core.evaluate.foreign import foreign_pictures
from dashboard.core.evaluate.trust import measure_trust
from dashboard.core.models.card import Trust
from dashboard.core.models.features import look_at
from dashboard.core.models.outputs import Outputs
from dashboard.core.models.reference import Reference, choose, small_pictures, unit
from dashboard.core.tasks import Task
from dashboard.core.training.examples import Examples


class Trusted(NamedTuple):
    """What belongs on the card, and beside it."""

    temperature: float
    trust: Trust
    reference: Reference


def trust_of(
    outputs: Callable[[np.ndarray], Outputs],
    tasks: Sequence[Task],
    data: Examples,
    test: Outputs,
    hashes: np.ndarray,
) -> Trusted:
    """Set temperature and limits on the validation images and measure them on the test images.

    Args:
        outputs: Of the network, from `features.traced`.
        tasks: Whose classes its logits are.
        data: Images, packed, with their targets in the order of the logits.
        test: What the network makes of the test images.
        hashes: Of the images it was trained on, uint64 (m,), from `training_hashes`.
    """
    rows = data.rows["val"]
    reference = _reference(outputs, data, hashes)
    foreign = {
        kind: look_at(outputs, pictures, np.arange(len(pictures)))
        for kind, pictures in foreign_pictures(*data.images.shape[1:]).items()
    }
    temperature, trust = measure_trust(
        tasks,
        reference,
        look_at(outputs, data.images, rows),
        data.targets[rows],
        test,
        data.targets[data.rows["test"]],
        foreign,
    )
    return Trusted(temperature, trust, reference)


def _reference(
    outputs: Callable[[np.ndarray], Outputs], data: Examples, hashes: np.ndarray
) -> Reference:
    rows = data.rows["train"]
    targets = data.targets[rows]
    kept = choose(targets if targets.ndim == 1 else targets.argmax(axis=1))
    return Reference(
        features=unit(look_at(outputs, data.images, rows[kept]).features).astype(np.float16),
        labels=targets[kept].astype(np.int32 if targets.ndim == 1 else bool),
        pictures=small_pictures(data.images[rows[kept]]),
        hashes=hashes,
    )
