"""What distinguishes runs before they begin: the fields of their recipes that differ."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.core.runs.tracking import Run

_VERSION = "dataset_version"


def differing(runs: Sequence[Run]) -> dict[str, tuple[str | None, ...]]:
    """Return parameter → its value in each run, of those that are not the same in all.

    Augmentations are parameters of their own, such as `augmentation.flip`, and so is
    `dataset_version`. None: left to the network, no such augmentation, or not yet known.
    """
    fields = [
        {"dataset": "", _VERSION: run.tags.get(_VERSION), **run.params}  # beside each other
        for run in runs
    ]
    names = dict.fromkeys(name for own in fields for name in own)
    table = {name: tuple(own.get(name) for own in fields) for name in names}
    return {name: values for name, values in table.items() if _differ(name, values)}


def _differ(name: str, values: tuple[str | None, ...]) -> bool:
    if name == _VERSION:  # a run that waits does not know it yet
        return len({value for value in values if value is not None}) > 1
    return len(set(values)) > 1
