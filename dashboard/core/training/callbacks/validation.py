"""Looks at the validation images after every epoch, once for all figures. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dashboard.core.explain.base import ExplainableModel
from dashboard.core.explain.catalog import EXPLAINERS
from dashboard.core.models.probabilities import answers, best, probabilities
from dashboard.core.runs.epochs import EpochReport, save_epoch
from dashboard.core.tasks import Task
from dashboard.core.training.callbacks.base import Callback
from dashboard.core.training.examples import Pinned
from dashboard.core.training.learner import Learner


class Validation(Callback):
    """Adds `val_loss` and `val_accuracy` to the epoch's figures and writes an `EpochReport`.

    Of several tasks, `val_accuracy` counts the images with all of them right, `val_accuracy_1` …
    those with that one right.

    It comes before the callbacks that read those figures.

    Args:
        network: What is trained; ends in logits.
        tasks: Whose classes they are.
        batches: The validation images with their labels as the loss takes them.
        targets: Class index of each, (n,), or 1 where a label applies, (n, classes).
        loss: `(labels, logits) → loss of each image`.
        pinned: Images to follow.
        folder: Gets the reports.
    """

    def __init__(
        self,
        network: keras.Model,
        tasks: Sequence[Task],
        batches: tf.data.Dataset,
        targets: np.ndarray,
        loss: Callable[[Any, Any], Any],
        pinned: Pinned,
        folder: Path,
    ) -> None:
        self._network = network
        self._explainable = ExplainableModel(network)
        self._batches = batches
        self._loss = loss
        self._pinned = pinned
        self._folder = folder
        self._tasks = tasks
        self._targets = targets[:, None] if targets.ndim == 1 else answers(targets, tasks)
        self._forward = tf.function(
            lambda x: tf.cast(network(x, training=False), tf.float32), jit_compile=False
        )

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        """Measure, and write the report; of a running mean of the weights, where there is one."""
        with learner.averaged():
            self._validate(epoch, step, figures)

    def _validate(self, epoch: int, step: int, figures: dict[str, float]) -> None:
        predicted, losses = [], []
        for pixels, labels in self._batches:
            logits = self._forward(pixels)
            losses.append(tf.reduce_sum(self._loss(labels, logits)))
            found = probabilities(logits.numpy(), self._tasks)
            predicted.append(answers(found, self._tasks))
        given = np.concatenate(predicted)
        right = given == self._targets
        figures["val_loss"] = float(tf.add_n(losses)) / len(given)
        figures["val_accuracy"] = float(right.all(axis=1).mean())
        if len(self._tasks) > 1:
            shares = enumerate(right.mean(axis=0), 1)
            figures |= {f"val_accuracy_{number}": float(share) for number, share in shares}
        save_epoch(self._folder, self._report(epoch + 1, step, given))

    def _report(self, epoch: int, step: int, predicted: np.ndarray) -> EpochReport:
        pinned = self._pinned
        logits = self._forward(tf.cast(pinned.pixels, tf.float32)).numpy()
        return EpochReport(
            epoch=epoch,
            step=step,
            confusion=self._confusion(predicted, logits.shape[1]),
            ids=pinned.ids,
            targets=pinned.targets,
            probabilities=probabilities(logits, self._tasks).astype(np.float32),
            heat=np.stack([self._heat(answers) for answers in best(logits, self._tasks).T]),
        )

    def _confusion(self, predicted: np.ndarray, n_classes: int) -> np.ndarray:
        if self._tasks[0].several:  # no class is taken for another
            return np.zeros((0, 0), np.int64)
        pairs = (self._targets * n_classes + predicted).ravel()
        pairs = np.bincount(pairs, minlength=n_classes**2)
        return pairs.reshape(n_classes, n_classes)

    def _heat(self, answers: np.ndarray) -> np.ndarray:
        explainer, model = EXPLAINERS[0], self._explainable
        if explainer.supports(model):
            return np.zeros((0, 0, 0), np.uint8)
        maps = [
            explainer.explain(model, pixels[None], int(answer))[0]
            for pixels, answer in zip(self._pinned.pixels, answers, strict=True)
        ]
        return np.rint(np.stack(maps) * 255).astype(np.uint8)
