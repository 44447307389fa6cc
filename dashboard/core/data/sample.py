"""A handful of images that stands for a data set."""

from __future__ import annotations

from dashboard.core.data.dataset import Dataset


def sample_ids(dataset: Dataset, n: int, seed: int) -> list[str]:
    """Return the ids of `n` random training images, or all there are; the classes take turns.

    Without training images, any image may be drawn.
    """
    rows = dataset.rows("train")
    if rows.empty:
        rows = dataset.index
    mixed = rows.sample(frac=1, random_state=seed)
    turn = mixed.groupby(mixed["labels"].str[0]).cumcount()
    return list(mixed.loc[turn.sort_values(kind="stable").index[:n], "id"])
