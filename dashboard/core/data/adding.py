"""Pictures that come to a data set after its import: which of them, and their rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboard.core.data.copies import copy_files
from dashboard.core.data.copying import Kept
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.index import index_frame
from dashboard.core.data.layout import Placed
from dashboard.core.data.near import near_groups
from dashboard.core.data.report import Dropped
from dashboard.core.data.sources import Member
from dashboard.core.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd


class Picture(NamedTuple):
    """A picture to add.

    Attributes:
        name: What to say it comes from.
        content: A file we wrote ourselves.
        label: Its class.
    """

    name: str
    content: bytes
    label: str


def new_rows(
    dataset: Dataset, pictures: Sequence[Picture], labels: Sequence[list[int]], folder: Path
) -> pd.DataFrame:
    """Copy the pictures that `dataset` lacks into `folder`, and return their rows of an index.

    What it has already, pixel for pixel, is passed over, and so is what looks nearly like one of
    its validation or test images: that must never be learned from.

    Args:
        dataset: What they are added to.
        pictures: At least one.
        labels: Class indices of each.
        folder: Gets the copies.

    Raises:
        InvalidInput: `nothing_new` if there is none of them to add.
    """
    copied = copy_files([(item.name, item.content) for item in pictures], folder, 0)
    measures = iter(copied.measures)
    kept, indices = [], []
    for picture, copy, own in zip(pictures, copied.results, labels, strict=True):
        if not isinstance(copy, Dropped):
            member = Member(picture.name, len(picture.content), None)
            kept.append(Kept(Placed(member, "train", (picture.label,)), copy, next(measures)))
            indices.append(own)
    frame = index_frame(kept, ["train"] * len(kept), indices) if kept else dataset.index[:0]
    frame = frame.drop_duplicates("pixel_hash")
    frame = frame[~_held_back(dataset, frame)].reindex(columns=dataset.index.columns)
    if frame.empty:
        raise InvalidInput(
            "The data set “{dataset}” has all of these pictures already, or tests with them.",
            code="nothing_new",
            dataset=dataset.name,
        )
    return frame


def _held_back(dataset: Dataset, frame: pd.DataFrame) -> np.ndarray:
    """Return which rows of `frame` are in `dataset`, or nearly like one it does not train on."""
    import pandas as pd

    known = frame["pixel_hash"].isin(dataset.index["pixel_hash"]).to_numpy()
    if "phash" not in dataset.index:  # imported before near-identical images were looked for
        return known
    both = pd.concat([dataset.index, frame], ignore_index=True)
    sides = np.minimum(both["width"], both["height"]).tolist()
    groups = near_groups(both["pixel_hash"].tolist(), both["phash"].tolist(), sides)
    tested = set(groups[(both["split"] != "train").to_numpy()].tolist())
    near = np.array([group in tested for group in groups[len(dataset.index) :].tolist()], bool)
    return known | near
