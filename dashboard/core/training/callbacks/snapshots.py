"""Leaves the network's weights after every epoch. Imports TensorFlow."""

from __future__ import annotations

from pathlib import Path

import keras

from dashboard.core.models.card import CARD_FILE, Card, save_card
from dashboard.core.models.store import MODEL_FILE
from dashboard.core.runs.snapshot import keep_newest
from dashboard.core.training.callbacks.base import Callback
from dashboard.core.training.learner import Learner
from dashboard.core.training.weights import write_weights


class Snapshots(Callback):
    """Keeps what `serving.run_model` answers from while the run goes on.

    Args:
        network: What is trained.
        card: What the network takes and answers.
        folder: Gets the snapshot.
    """

    def __init__(self, network: keras.Model, card: Card, folder: Path) -> None:
        self._network = network
        self._folder = folder
        if not (folder / CARD_FILE).is_file():  # there already if the run is resumed
            folder.mkdir(parents=True, exist_ok=True)
            network.save(folder / MODEL_FILE)
            save_card(card, folder)

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        """Write the weights."""
        with learner.averaged():
            keep_newest(self._folder, epoch + 1, lambda path: write_weights(path, self._network))
