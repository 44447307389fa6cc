"""The whole search: features, every fault of the catalogue, the maps, the averages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.core.data.dataset import Dataset
from dashboard.core.models.store import StoredModel
from dashboard.core.quality.averages import averages
from dashboard.core.quality.base import Fault, Finding, Images
from dashboard.core.quality.catalog import FAULTS
from dashboard.core.quality.embedding import pca_map, umap_map, umap_missing
from dashboard.core.quality.features import image_features
from dashboard.core.quality.model_features import model_features
from dashboard.core.quality.results import CODE, Found, Quality, save

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int, str], None]
"""`(done, total, stage)`; the stage is a short English phrase."""


def inspect(dataset: Dataset, on_progress: Progress | None = None) -> Quality:
    """Look for every fault and store the result beside the data set.

    Args:
        dataset: Where to look.
        on_progress: Told of each stage.

    Returns:
        What was found; the same as `load(dataset)` from now on.
    """
    started = time.monotonic()
    images = Images(dataset, on_progress)
    image_features(images)
    pca_map(dataset)
    results = [_look(fault, images) for fault in FAULTS]
    missing = umap_missing()
    if missing is None:
        images.say(0, 1, "drawing the map")
        umap_map(dataset)
    quality = Quality(
        path=dataset.path,
        faults=tuple(found for found, _ in results),
        seconds=round(time.monotonic() - started, 1),
        code=CODE,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        umap=missing,
    )
    findings = [(found.id, finding) for found, finding in results if finding]
    save(quality, _table(images, findings), _scores(images, findings))
    averages(dataset)
    images.say(1, 1, "done")
    return quality


def place(dataset: Dataset, model: StoredModel, say: Progress) -> None:
    """Draw the maps of `dataset` by the features of a published model, and store them.

    Raises:
        LightboxError: As `model_features`.
    """
    model_features(dataset, model, say)
    pca_map(dataset, model)
    if umap_missing() is None:
        say(0, 1, "drawing the map")
        umap_map(dataset, model)


def _look(fault: Fault, images: Images) -> tuple[Found, Finding | None]:
    began = time.monotonic()
    images.say(0, 1, fault.label)
    reason = fault.supports(images)
    if reason:
        return Found(fault.id, 0, skipped=reason), None
    finding = fault.find(images)
    found = Found(fault.id, finding.count, finding.values, finding.details)
    return Found(**{**asdict(found), "seconds": round(time.monotonic() - began, 2)}), finding


def _table(images: Images, findings: list[tuple[str, Finding]]) -> pd.DataFrame:
    import pandas as pd

    ids = images.dataset.index["id"].to_numpy(object)
    parts = []
    for fault, finding in findings:
        order = np.argsort(-finding.scores, kind="stable")
        none = np.full(len(order), -1, np.int64)
        others = (none if finding.others is None else finding.others)[order]
        groups = (none if finding.groups is None else finding.groups)[order]
        columns = {
            "id": ids[finding.rows[order]],
            "fault": np.full(len(order), fault, object),
            "score": finding.scores[order].astype(np.float32),
            "group": groups,
            "other_id": np.where(others >= 0, ids[others], ""),
        }
        parts.append(pd.DataFrame(columns).astype({"id": str, "fault": str, "other_id": str}))
    return pd.concat(parts, ignore_index=True)


def _scores(images: Images, findings: list[tuple[str, Finding]]) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {"id": images.dataset.index["id"]}
    for _, finding in findings:
        columns |= finding.columns
    return pd.DataFrame(columns)
