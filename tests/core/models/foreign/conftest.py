"""A small network in every form it can be saved in, and a way to import it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest
from keras import layers

from dashboard.core.models.foreign.importing import Imported, import_model
from dashboard.core.models.foreign.request import ImportRequest

LABELS = ("cat", "dog", "fish")

Import = Callable[..., Imported]


def network(ending: str = "softmax", side: int = 12, n: int = 3) -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((side, side, 3)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(n, activation=ending),
        ]
    )


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network as Keras 3 saves it."""
    path = tmp_path_factory.mktemp("foreign") / "plain.keras"
    network().save(path)
    return path


@pytest.fixture
def take(home: Path) -> Import:
    """Import a file into an empty home."""

    def take(path: Path, labels: tuple[str, ...] = LABELS, **asked: Any) -> Imported:
        return import_model(ImportRequest(str(path), labels, "taken", **asked))

    return take
