"""An imported data set, as it lies on disk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.core.data.report import Report
from dashboard.core.errors import NotFound
from dashboard.core.images import MAX_PIXELS, decode
from dashboard.core.tasks import Kind, Task, class_names, kind_of, spans

if TYPE_CHECKING:
    import pandas as pd

SPLITS = ("train", "val", "test")
"""Names of the splits, in the order they are shown."""

THUMB_SIDE = 160
"""Longest side of a thumbnail, in pixels; smaller images are their own thumbnail."""


@dataclass(frozen=True)
class Change:
    """What was done to a data set, and why.

    Attributes:
        kind: `"exclude"`, `"relabel"` or `"add"`.
        n: Images it was done to.
        reason: In the words of who did it.
        ids: Of those images: in the parent, or here where they were added.
    """

    kind: str
    n: int
    reason: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """One version of a data set. It never changes, so it can be cached by `name` and `version`.

    Attributes:
        name: What people call it.
        version: 12 hexadecimal digits of the hash of its content.
        tasks: What is asked of each image; class and task names are data, never paths.
        path: Folder of this version.
        created: When it was imported, ISO 8601, UTC.
        report: What the import did.
        parent: Version this one was made from, or "" for an import.
        change: What was done to the parent.
    """

    name: str
    version: str
    tasks: tuple[Task, ...] = field(compare=False)
    path: Path = field(compare=False)
    created: str = field(compare=False)
    report: Report = field(compare=False)
    parent: str = field(default="", compare=False)
    change: Change | None = field(default=None, compare=False)

    @property
    def task(self) -> Kind:
        """What the classes of an image are: one, several, or one of each task."""
        return kind_of(self.tasks)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes of all tasks, in the order of their index."""
        return class_names(self.tasks)

    @property
    def added_to(self) -> bool:
        """Whether it has images that its parent lacks."""
        return self.change is not None and self.change.kind == "add"

    def to_json(self) -> dict[str, Any]:
        """Return what `read` needs, and what the command line prints."""
        return {
            "name": self.name,
            "version": self.version,
            "classes": list(self.classes),
            "task": self.task,
            "tasks": [asdict(task) for task in self.tasks],
            "created": self.created,
            "report": self.report.to_json(),
            "parent": self.parent,
            "change": self.change and asdict(self.change),
        }

    def write(self) -> None:
        """Write `dataset.json` into the folder of this version, which nobody sees yet."""
        text = json.dumps(self.to_json(), ensure_ascii=False, indent=1)
        (self.path / "dataset.json").write_text(text, "utf-8")

    @staticmethod
    def read(path: Path) -> Dataset:
        """Return the data set whose version folder is `path`; reads `dataset.json` only."""
        data = json.loads((path / "dataset.json").read_text("utf-8"))
        change = data.get("change")  # absent before versions had parents
        one = {"name": "", "classes": data["classes"], "several": data["task"] == "multi_label"}
        tasks = data.get("tasks", [one])  # absent before there could be several
        return Dataset(
            data["name"],
            data["version"],
            tuple(Task(**{**task, "classes": tuple(task["classes"])}) for task in tasks),
            path,
            data["created"],
            Report.from_json(data["report"]),
            data.get("parent", ""),
            Change(**{**change, "ids": tuple(change["ids"])}) if change else None,
        )

    @cached_property
    def index(self) -> pd.DataFrame:
        """One row per image, in the order of `pack`.

        Columns: `id`, `split`, `labels` (list of class indices), `source` (path inside the
        archive), `width`, `height` (pixels, upright), `mode` (colours as they came), `sha256` (of
        the bytes), `pixel_hash` (of the pixels), `file` (stored copy, relative to `path`),
        `format` and `bytes` (as it came), `brightness`, `contrast`, `sharpness`, `phash`
        (`measure.Measures`). Data sets imported before those six existed lack them.
        """
        import pandas as pd

        frame = pd.read_parquet(self.path / "index.parquet")
        frame["labels"] = [labels.tolist() for labels in frame["labels"]]
        return frame

    def rows(self, split: str | None = None, class_index: int | None = None) -> pd.DataFrame:
        """Return the rows of `index` in a split and with a class; its row numbers are kept."""
        frame = self.index
        if split is not None:
            frame = frame[frame["split"] == split]
        if class_index is not None:
            frame = frame.loc[frame.index.isin(self.rows_of(class_index))]
        return frame

    def rows_of(self, class_index: int) -> np.ndarray:
        """Return the row numbers of the images of a class: int64 (m,), ascending."""
        rows, classes = self.memberships
        return rows[classes == class_index]

    @cached_property
    def memberships(self) -> tuple[np.ndarray, np.ndarray]:
        """Row number and class index of every label of every image: int64 (m,) each, by row."""
        labels = self.index["labels"]
        sizes = np.fromiter(map(len, labels), np.int64, len(labels))
        classes = np.fromiter(chain.from_iterable(labels), np.int64, int(sizes.sum()))
        return np.repeat(np.arange(len(labels)), sizes), classes

    def targets(self, split: str | None = None) -> np.ndarray:
        """Return the class index of each image of `split`, or of all: int64 (n,), in index order.

        With several labels per image, or a label of each task: uint8 (n, classes), 1 where a
        label applies.
        """
        labels = self.rows(split)["labels"]
        if self.task != "single_label":
            return _multi_hot(labels, len(self.classes))
        return np.fromiter((item[0] for item in labels), np.int64, len(labels))

    def counts(self) -> pd.DataFrame:
        """Return images per class and split: index = class names, columns = `SPLITS`.

        An image with several labels counts once for each.
        """
        import pandas as pd

        rows, classes = self.memberships
        splits = pd.Categorical(self.index["split"], SPLITS).codes[rows]
        cells = np.bincount(
            classes * len(SPLITS) + splits, minlength=len(self.classes) * len(SPLITS)
        )
        table = cells.reshape(len(self.classes), len(SPLITS))
        return pd.DataFrame(table, index=list(self.classes), columns=list(SPLITS))

    def imbalance(self) -> float:
        """Return the images of the largest class over those of the smallest, of the same task."""
        totals = self.counts().sum(axis=1).to_numpy()
        parts = [totals[span] for span in spans(self.tasks)]
        return float(max(part.max() / part.min() for part in parts))

    def label(self, indices: Sequence[int]) -> str:
        """Return the names of the classes `indices` as one text, such as `"3 · 7"`.

        Those of several tasks without their task, which their order tells: `"3 · odd"`.
        """
        names = [name for task in self.tasks for name in task.classes]
        return " · ".join(names[index] for index in indices)

    def position(self, image_id: str) -> int:
        """Return the row number of an image in `index`, or raise `NotFound`."""
        if image_id not in self._positions:
            raise NotFound(
                "There is no image “{id}” in the data set “{name}”. Choose one from its gallery.",
                code="image_not_found",
                id=image_id[:40],
                name=self.name,
            )
        return self._positions[image_id]

    def holds(self, image_ids: Iterable[str]) -> np.ndarray:
        """Return which images are in `index`: bool (m,). A tenth of the time of `Series.isin`."""
        return np.array([image_id in self._positions for image_id in image_ids], bool)

    def positions(self, image_ids: Iterable[str]) -> np.ndarray:
        """Return the row numbers of images in `index`, int64 (m,), or raise `NotFound`."""
        return np.array([self.position(image_id) for image_id in image_ids], np.int64)

    def row(self, image_id: str) -> dict[str, Any]:
        """Return one row of `index`, or raise `NotFound`."""
        found = self.index.iloc[self.position(image_id)].to_dict()
        return {str(key): value for key, value in found.items()}

    def image_path(self, image_id: str) -> Path:
        """Return the stored copy: written by us, without metadata. Unknown ids: `NotFound`."""
        return self.path / self.row(image_id)["file"]

    def thumb_path(self, image_id: str) -> Path:
        """Return a copy of at most `THUMB_SIDE` pixels a side. Unknown ids: `NotFound`."""
        row = self.row(image_id)
        if max(row["width"], row["height"]) <= THUMB_SIDE:
            return self.path / row["file"]
        return self.path / "thumbs" / Path(row["file"]).relative_to("images")

    def pixels(self, image_id: str) -> np.ndarray:
        """Return the stored copy decoded: uint8 (h, w, 3). Unknown ids: `NotFound`."""
        return read_pixels(self.image_path(image_id))

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {image_id: position for position, image_id in enumerate(self.index["id"])}


def _multi_hot(labels: Iterable[Sequence[int]], n_classes: int) -> np.ndarray:
    rows = list(labels)
    targets = np.zeros((len(rows), n_classes), np.uint8)
    for row, indices in enumerate(rows):
        targets[row, indices] = 1
    return targets


def read_pixels(path: Path) -> np.ndarray:
    """Decode one of our stored copies: uint8 (h, w, 3)."""
    return decode(path.read_bytes(), max_bytes=4 * MAX_PIXELS).pixels
