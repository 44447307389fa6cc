"""Which images of a data set to show, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality.flags import load_flags
from dashboard.core.text import mark

if TYPE_CHECKING:
    import pandas as pd

MIXED = "mixed"

ORDERS = {
    MIXED: mark("mixed"),
    "name": mark("file name"),
    "size": mark("size"),
    "bytes": mark("file size"),
    "brightness": mark("brightness"),
    "contrast": mark("contrast"),
    "sharpness": mark("sharpness"),
    "uniqueness": mark("uniqueness"),
    "suspicion": mark("doubt of the label"),
}
"""What images can be ordered by → its name for people."""

ANY_FLAG = "any"


@dataclass(frozen=True)
class Selection:
    """What to show.

    Attributes:
        class_index: Of this class only.
        split: Of this split only.
        flag: Flagged with this fault only, or with any (`ANY_FLAG`).
        size: Whose shorter side is at least this many pixels and less than twice as many.
        text: Whose file name or folder contains this, in upper or lower case.
        order: One of `ORDERS`.
        falling: Whether the largest come first.
    """

    class_index: int | None = None
    split: str | None = None
    flag: str | None = None
    size: int | None = None
    text: str = ""
    order: str = MIXED
    falling: bool = False


def select(dataset: Dataset, selection: Selection) -> np.ndarray:
    """Return the row numbers to show, in order: int64 (m,). 55,000 images take some 30 ms.

    What cannot be known, such as flags of a data set nobody has checked, matches nothing.
    """
    index = dataset.index
    chosen = np.ones(len(index), bool)
    if selection.class_index is not None:
        chosen &= np.isin(np.arange(len(index)), dataset.rows_of(selection.class_index))
    if selection.split is not None:
        chosen &= (index["split"] == selection.split).to_numpy(bool)
    if selection.flag is not None:
        chosen &= _flagged(dataset, selection.flag)
    if selection.size is not None:
        chosen &= _size_classes(index) == selection.size
    if selection.text:
        contains = index["source"].str.contains(selection.text, case=False, regex=False)
        chosen &= contains.to_numpy(bool)
    return _ordered(dataset, np.flatnonzero(chosen), selection)


def orders(dataset: Dataset) -> list[str]:
    """Return which of `ORDERS` this data set can be put in."""
    flags = load_flags(dataset)
    known = {MIXED, "name", "size", *dataset.index, *(flags.scores if flags else ())}
    return [order for order in ORDERS if order in known]


def sizes(dataset: Dataset) -> list[int]:
    """Return the values of `Selection.size` that match an image, smallest first."""
    return [int(size) for size in np.unique(_size_classes(dataset.index))]


def _size_classes(index: pd.DataFrame) -> np.ndarray:
    """Round the shorter side of each image down to a power of two: int64 (n,)."""
    shorter = np.minimum(index["width"].to_numpy(), index["height"].to_numpy())
    powers: np.ndarray = 1 << (np.frexp(shorter)[1].astype(np.int64) - 1)
    return powers


def _flagged(dataset: Dataset, flag: str) -> np.ndarray:
    flags = load_flags(dataset)
    if flags is None:
        return np.zeros(len(dataset.index), bool)
    table = flags.table if flag == ANY_FLAG else flags.of(flag)
    return dataset.index["id"].isin(table["id"]).to_numpy(bool)


def _ordered(dataset: Dataset, rows: np.ndarray, selection: Selection) -> np.ndarray:
    values = _values(dataset, selection.order).iloc[rows]
    order = values.reset_index(drop=True).sort_values(
        ascending=not selection.falling, kind="stable", na_position="last"
    )
    return rows[order.index.to_numpy()]


def _values(dataset: Dataset, order: str) -> pd.Series:
    index = dataset.index
    if order == "name":
        return index["source"]
    if order == "size":
        return index["width"] * index["height"]
    if order in ("uniqueness", "suspicion"):
        flags = load_flags(dataset)
        if flags is not None and order in flags.scores:
            return flags.scores[order]
    if order in ORDERS and order in index:
        return index[order]
    return index["id"]  # hashes of the content: their order mixes the classes, the same every time
