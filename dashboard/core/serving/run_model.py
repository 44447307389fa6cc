"""The network of a run in memory: of its last epoch while it trains, and what became of it."""

from __future__ import annotations

import threading

import numpy as np

from dashboard.core.errors import NotFound
from dashboard.core.models.card import CARD_FILE, load_card
from dashboard.core.models.store import StoredModel
from dashboard.core.runs import tracking
from dashboard.core.runs.snapshot import newest_weights, snapshot_folder
from dashboard.core.serving.loaded import LoadedModel
from dashboard.core.training.weights import read_weights


class RunModel(LoadedModel):
    """Answers with the newest weights of a run that has not ended; see `runs.snapshot`.

    Args:
        run_id: Which run.

    Raises:
        NotFound: No epoch of it has ended yet.
    """

    def __init__(self, run_id: str) -> None:
        self._snapshot = snapshot_folder(run_id)
        if newest_weights(self._snapshot) is None:
            raise _too_early()
        super().__init__(StoredModel(load_card(self._snapshot), self._snapshot))
        self._epoch = 0
        self._one_at_a_time = threading.Lock()

    def answer(self, batch: np.ndarray) -> tuple[int, np.ndarray]:
        """Return the epoch of the weights, from 1, and what `probabilities` returns."""
        with self._one_at_a_time:  # nobody changes the weights between the two
            self._take_newest()
            return self._epoch, self.probabilities(batch)

    def _take_newest(self) -> None:
        while newest := newest_weights(self._snapshot):
            epoch, path = newest
            if epoch == self._epoch:
                return
            try:
                read_weights(path, self.explainable().network)
            except FileNotFoundError:  # a newer one has come meanwhile
                continue
            self._epoch = epoch
        if not self._epoch:
            raise _too_early()


def finished_model(run_id: str) -> StoredModel | None:
    """Return the model that a run left at its end, published or not."""
    folder = tracking.artifacts(run_id)
    return StoredModel(load_card(folder), folder) if (folder / CARD_FILE).is_file() else None


def _too_early() -> NotFound:
    return NotFound(
        "The run has no network to ask yet: its first epoch has not ended. Try again later.",
        code="no_snapshot",
    )
