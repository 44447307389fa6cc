"""A run on the terminal."""

from __future__ import annotations

from typing import Literal

from rich.progress import Progress

from dashboard.commands.terminal import t
from dashboard.core.images import Note


class ProgressBar:
    """Shows a run's news on the terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bar = progress.add_task(t("starting"), total=None)

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        self._progress.update(self._bar, description=t(name))

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        self._progress.update(self._bar, total=epochs * steps_per_epoch)

    def note(self, note: Note) -> None:
        self._progress.console.print(t(note.template, **note.values), markup=False)

    def metrics(self, step: int, values: dict[str, float]) -> None:
        if step:
            self._progress.update(self._bar, completed=step)
        if "val_accuracy" in values:
            self._progress.console.print(
                t(
                    "epoch {epoch}: validation accuracy {accuracy:.1%}, loss {loss:.3f}",
                    epoch=int(values["epoch"]),
                    accuracy=values["val_accuracy"],
                    loss=values["val_loss"],
                )
            )

    def request(self) -> Literal[""]:
        return ""
