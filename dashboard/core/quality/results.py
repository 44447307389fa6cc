"""What was found in a version of a data set, as it lies beside it.

`quality.parquet` has a row per picture and fault, `scores.parquet` one per picture, and
`quality.json` the sentences; that one is written last, so it is there when the others are.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard.core.atomic import write_bytes
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset

if TYPE_CHECKING:
    import pandas as pd

CODE = 3
"""Raised when the same data set would get another result."""


@dataclass(frozen=True)
class Found:
    """One fault's result.

    Attributes:
        id: Of the fault.
        n: What its sentence counts.
        values: What fills the gaps of its sentence besides `n`.
        details: Facts for a table, such as the classes that are too small.
        seconds: Spent on it; what several faults share counts for the first of them.
        skipped: Why it was not looked for, a key of the text catalogue, or None.
    """

    id: str
    n: int
    values: dict[str, Any] = field(default_factory=dict)
    details: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    skipped: str | None = None


def told(facts: Mapping[str, Any], translate: Callable[[str], str]) -> dict[str, Any]:
    """Return `values` or one of the `details` of a fault as people read them.

    Only a property is our word: a class may be called “none” in any language.
    """
    return {key: translate(fact) if key == "property" else fact for key, fact in facts.items()}


@dataclass(frozen=True)
class Quality:
    """All results of one version.

    Attributes:
        path: Folder of the version.
        faults: In the order of the catalogue.
        seconds: Of the whole search.
        code: `CODE` of the search that wrote it.
        created: ISO 8601, UTC.
        umap: None, or why there is no UMAP map: a key of the text catalogue.
    """

    path: Path = field(compare=False)
    faults: tuple[Found, ...]
    seconds: float
    code: int
    created: str
    umap: str | None = None

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per picture and fault: `id`, `fault`, `score`, `group`, `other_id` ("" if none).

        Higher scores are worse; rows of a fault come with the highest first.
        """
        return _read_table(self.path / "quality.parquet")

    @cached_property
    def scores(self) -> pd.DataFrame:
        """A row per picture in index order: `id`, `uniqueness` (distance to its neighbours),
        `suspicion` (1 − probability of its label), `suggested` (class index or −1); the last two
        only where labels could be judged."""
        return _read_table(self.path / "scores.parquet")

    def of(self, fault: str) -> pd.DataFrame:
        """Return the rows of `table` of one fault."""
        return self.table[self.table["fault"] == fault]

    def found(self, fault: str) -> Found | None:
        """Return the result of one fault."""
        return next((item for item in self.faults if item.id == fault), None)

    def to_json(self) -> dict[str, Any]:
        """Return what `load` needs, and what the command line prints."""
        data = asdict(self)
        del data["path"]
        return data


def save(quality: Quality, table: pd.DataFrame, scores: pd.DataFrame) -> None:
    """Write the tables, then the result that makes them valid."""
    for name, frame in (("quality.parquet", table), ("scores.parquet", scores)):
        out = io.BytesIO()
        frame.to_parquet(out, index=False)
        write_bytes(quality.path / name, out.getvalue())
    text = json.dumps(quality.to_json(), ensure_ascii=False, indent=1)
    write_bytes(quality.path / "quality.json", text.encode())


def load(dataset: Dataset) -> Quality | None:
    """Return what was found in this version, or None where nobody has looked."""
    path = dataset.path / "quality.json"
    return _load(path, path.stat().st_mtime_ns) if path.is_file() else None


def checked_version(dataset: Dataset) -> Dataset | None:
    """Return the version that was checked: `dataset` or the nearest it was made from, or None."""
    while not (dataset.path / "quality.json").is_file():
        if not dataset.parent or dataset.added_to:  # nothing is known of the images that came
            return None
        dataset = get_dataset(dataset.name, dataset.parent)
    return dataset


@lru_cache(maxsize=8)
def _load(path: Path, _written: int) -> Quality:
    data = json.loads(path.read_text("utf-8"))
    faults = tuple(Found(**item) for item in data.pop("faults"))
    return Quality(path=path.parent, faults=faults, **data)


def _read_table(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_parquet(path)
