"""What a fault is, and what it is looked for in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar

import numpy as np

from dashboard.core.data.dataset import SPLITS, Dataset
from dashboard.core.data.pack import pack
from dashboard.core.images import LUMINANCE

SIDE = 32
"""Side of the pictures that faults are looked for in, in pixels."""

BATCH = 1024
"""Pictures worked on at a time: small enough to stay in the processor's cache for the most part."""

Action = Literal["exclude", "relabel", "review"]
Result = TypeVar("Result")


class Images:
    """The pictures of a data set, and what several faults need of them, computed once.

    Args:
        dataset: Where to look.
        on_progress: Told `(done, total, stage)` of long computations.
    """

    def __init__(
        self, dataset: Dataset, on_progress: Callable[[int, int, str], None] | None = None
    ) -> None:
        self.dataset = dataset
        self.say = on_progress or (lambda done, total, stage: None)
        self._known: dict[Callable[[Images], Any], Any] = {}

    def once(self, compute: Callable[[Images], Result]) -> Result:
        """Return `compute(self)`, computed on the first call only."""
        if compute not in self._known:
            self._known[compute] = compute(self)
        found: Result = self._known[compute]
        return found

    def __len__(self) -> int:
        return len(self.dataset.index)

    @cached_property
    def pixels(self) -> np.ndarray:
        """uint8 (n, 32, 32, 3), RGB, mapped."""
        return pack(self.dataset, SIDE, SIDE, 3, self.say)

    @cached_property
    def grey(self) -> np.ndarray:
        """Luminance: uint8 (n, 32, 32)."""
        grey = np.empty(self.pixels.shape[:3], np.uint8)
        for start in range(0, len(grey), BATCH):
            batch = self.pixels[start : start + BATCH].reshape(-1, 3).astype(np.float32)
            grey[start : start + BATCH] = np.rint(batch @ LUMINANCE).reshape(-1, SIDE, SIDE)
        return grey

    @cached_property
    def labels(self) -> np.ndarray:
        """First class index of each picture: int64 (n,)."""
        found = self.dataset.index["labels"]
        return np.fromiter((item[0] if item else -1 for item in found), np.int64, len(found))

    @cached_property
    def label_keys(self) -> np.ndarray:
        """A number for each picture, equal for equal labels (also several): int64 (n,)."""
        numbers: dict[tuple[int, ...], int] = {}
        found = (tuple(sorted(item)) for item in self.dataset.index["labels"])
        return np.array([numbers.setdefault(key, len(numbers)) for key in found], np.int64)

    @cached_property
    def splits(self) -> np.ndarray:
        """Place of each picture's split in `SPLITS`: int64 (n,)."""
        return np.array([SPLITS.index(split) for split in self.dataset.index["split"]], np.int64)

    @property
    def single_label(self) -> bool:
        """Whether each picture has one class."""
        return self.dataset.task == "single_label"


@dataclass(frozen=True, eq=False)
class Finding:
    """Where a fault was found: arrays of equal length, one entry per picture.

    Attributes:
        rows: Row of the index: int64 (m,).
        scores: How strong the fault is there; the highest come first in a gallery: float (m,).
        others: Row of the picture it is about as well, or −1: int64 (m,).
        groups: Equal for pictures that belong together, or −1: int64 (m,).
        values: What fills the gaps of the fault's sentence, besides `n`.
        details: Further facts for a table, as JSON.
        columns: Column of `Quality.scores` → a value for every picture of the data set.
        n: What the sentence counts; pictures unless given.
    """

    rows: np.ndarray
    scores: np.ndarray
    others: np.ndarray | None = None
    groups: np.ndarray | None = None
    values: dict[str, str | int | float] = field(default_factory=dict)
    details: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    n: int | None = None

    @property
    def count(self) -> int:
        """What the sentence counts."""
        return len(self.rows) if self.n is None else self.n


class Fault(ABC):
    """Something that may be wrong with a data set.

    Attributes:
        id: Stable identifier.
        label: Short name shown to people.
        sentence: What was found, with the gap `{n}` and those of `Finding.values`.
        single: What is said of one such image, beside the one it is about as well; "" if `whole`.
        action: What usually mends it.
        by_label: Whether it rests on the labels of the images it flags.
        whole: Whether it is about the data set as a whole and not about single images.
    """

    id: str
    label: str
    sentence: str
    single: str = ""
    action: Action
    by_label: bool = False
    whole: bool = False

    def supports(self, images: Images) -> str | None:
        """Return why this fault cannot be looked for here, or None."""
        return None

    @abstractmethod
    def find(self, images: Images) -> Finding:
        """Look for the fault."""


def nothing(**values: Any) -> Finding:
    """Return a finding without pictures."""
    return Finding(np.zeros(0, np.int64), np.zeros(0, np.float32), values=values)
