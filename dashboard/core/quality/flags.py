"""Which images of a version are flagged now: what its check found, or its parent's, less the kept.

A version made by excluding or relabelling need not be checked again at once. What was found in
the version it came from still holds for the images that are left, with two exceptions: faults of
the data set as a whole, and flags that rest on a label which has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.quality.catalog import FAULTS_BY_ID
from dashboard.core.quality.kept import kept_images, kept_path
from dashboard.core.quality.results import Found, Quality, checked_version, load
from dashboard.core.text import mark

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Flags:
    """The flags of one version.

    Attributes:
        dataset: The version.
        checked: Version that was checked: this one, or the nearest one it came from.
        faults: Each fault, `n` counting what still stands.
        table: As `Quality.table`, of images that are here and were not kept.
        kept: The same of images that were found fine.
        scores: As `Quality.scores`, in the order of this version's index; NaN and −1 where the
            label has changed since.
    """

    dataset: Dataset
    checked: Dataset
    faults: tuple[Found, ...]
    table: pd.DataFrame
    kept: pd.DataFrame
    scores: pd.DataFrame

    def of(self, fault: str, kept: bool = False) -> pd.DataFrame:
        """Return the rows of `table`, or of `kept`, of one fault, the worst first."""
        table = self.kept if kept else self.table
        return table[table["fault"] == fault]

    def suggested(self, image_ids: Iterable[str]) -> dict[str, int]:
        """Return the other class that is suggested for each of these images whose label is doubted.

        Only of images flagged as `label_error`, or under contradicting labels: the classifier
        that suggests is a quick one, so it is not asked about the rest.
        """
        if "suggested" not in self.scores:
            return {}
        doubted = [fault.id for fault in FAULTS_BY_ID.values() if fault.action == "relabel"]
        ids = set(self.table.loc[self.table["fault"].isin(doubted), "id"]) & set(image_ids)
        chosen = self.scores["id"].isin(ids) & (self.scores["suggested"] >= 0)
        columns = self.scores["id"], self.scores["suggested"], self.dataset.index["labels"]
        found = zip(*(column[chosen] for column in columns), strict=True)
        return {image_id: int(index) for image_id, index, given in found if index not in given}

    def on(self, image_id: str) -> pd.DataFrame:
        """Return the rows of `table` of one image."""
        return self.table[self.table["id"] == image_id]


def load_flags(dataset: Dataset) -> Flags | None:
    """Return the flags of `dataset`, or None where neither it nor a parent was checked."""
    checked = checked_version(dataset)
    if checked is None:
        return None
    path = kept_path(dataset)
    kept_at = path.stat().st_mtime_ns if path.is_file() else 0
    checked_at = (checked.path / "quality.json").stat().st_mtime_ns
    return _flags(dataset, dataset.path, checked, checked_at, kept_at)


@lru_cache(maxsize=8)
def _flags(
    dataset: Dataset, _path: Path, checked: Dataset, _checked_at: int, _kept_at: int
) -> Flags:
    quality = load(checked)
    assert quality is not None
    carried = dataset.version != checked.version
    table, scores = quality.table, quality.scores
    if carried:
        table, scores = _carried(dataset, quality, _relabelled(dataset, checked))
    fine = table["id"].isin([])
    for fault, ids in kept_images(dataset).items():
        fine |= (table["fault"] == fault) & table["id"].isin(ids)
    standing, kept = table[~fine], table[fine]
    faults = tuple(_restated(found, standing, kept, carried) for found in quality.faults)
    return Flags(dataset, checked, faults, standing, kept, scores)


def _carried(
    dataset: Dataset, quality: Quality, relabelled: set[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids, table = dataset.index["id"], quality.table
    partner_gone = (table["other_id"] != "") & ~dataset.holds(table["other_id"])
    by_label = table["fault"].isin([fault.id for fault in FAULTS_BY_ID.values() if fault.by_label])
    changed = table["id"].isin(relabelled) | table["other_id"].isin(relabelled)
    whole = table["fault"].isin([fault.id for fault in FAULTS_BY_ID.values() if fault.whole])
    stands = dataset.holds(table["id"]) & ~partner_gone & ~(by_label & changed) & ~whole
    scores = quality.scores.set_index("id").reindex(ids).reset_index()
    if "suspicion" in scores and relabelled:
        doubtful = scores["id"].isin(relabelled)
        scores.loc[doubtful, "suspicion"] = float("nan")
        scores.loc[doubtful, "suggested"] = -1
    return table[stands], scores


def _relabelled(dataset: Dataset, checked: Dataset) -> set[str]:
    """Return the images whose label has changed since `checked`."""
    ids: set[str] = set()
    while dataset.version != checked.version:
        if dataset.change and dataset.change.kind == "relabel":
            ids.update(dataset.change.ids)
        dataset = get_dataset(dataset.name, dataset.parent)
    return ids


def _restated(found: Found, standing: pd.DataFrame, kept: pd.DataFrame, carried: bool) -> Found:
    fault = FAULTS_BY_ID.get(found.id)
    n = int((standing["fault"] == found.id).sum())
    if fault is None or not fault.whole:
        return replace(found, n=n)
    if carried:
        reason = mark("This is about the data set as a whole. Check this version to know.")
        return replace(found, n=0, details=[], skipped=reason)
    all_kept = n == 0 and (kept["fault"] == found.id).any()
    return replace(found, n=0) if all_kept else found
