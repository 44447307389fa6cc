"""What people looked at and found fine: by fault and image id, so it holds in every version."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from dashboard.core.atomic import write_bytes
from dashboard.core.data.dataset import Dataset

_LOCK = Lock()  # two people may keep images at the same time


def kept_path(dataset: Dataset) -> Path:
    """Return the file that holds them; it lies beside the versions and need not exist."""
    return dataset.path.parent / "kept.json"


def kept_images(dataset: Dataset) -> dict[str, list[str]]:
    """Return fault → ids of the images that were found fine in spite of it."""
    path = kept_path(dataset)
    if not path.is_file():
        return {}
    found: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
    return found


def keep(dataset: Dataset, fault: str, ids: Iterable[str]) -> None:
    """Remember that images of `dataset` are fine; `NotFound` for an unknown id."""
    chosen = set(ids)
    for image_id in chosen:
        dataset.position(image_id)
    with _LOCK:
        found = kept_images(dataset)
        _write(dataset, {**found, fault: sorted(chosen | set(found.get(fault, ())))})


def forget(dataset: Dataset, fault: str, ids: Iterable[str]) -> None:
    """Flag images again that were kept."""
    with _LOCK:
        found = kept_images(dataset)
        _write(dataset, {**found, fault: sorted(set(found.get(fault, ())) - set(ids))})


def _write(dataset: Dataset, found: dict[str, list[str]]) -> None:
    write_bytes(kept_path(dataset), json.dumps(found).encode())
