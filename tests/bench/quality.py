"""Faults planted in digits and how many were found; the search on CIFAR-10 and what it costs.

Run: .venv/bin/python -m tests.bench.quality [cifar10.zip] [contact sheet.png]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.quality.base import Images
from dashboard.core.quality.embedding import neighbours, pca_map, umap_map, umap_missing
from dashboard.core.quality.inspection import inspect
from dashboard.core.quality.results import Quality
from dashboard.core.quality.similar import near_pairs
from dashboard.core.settings import REPOSITORY, settings
from tests.planted import plant, plant_shortcut

ZIP = REPOSITORY.parent / "shared" / "data" / "cifar10.zip"
N_SHEET = 20


def timed(name: str, work: object, limit: str) -> object:
    began, used = time.monotonic(), time.process_time()
    result = work()  # type: ignore[operator]
    wall, cpu = time.monotonic() - began, time.process_time() - used
    print(f"{name}: {wall:.1f} s, {cpu:.1f} s of processor ({limit})", flush=True)
    return result


def planted(folder: Path) -> None:
    print("Planted in digits")
    made = plant(folder / "faults")
    quality = inspect(made.dataset)
    for fault, names in made.faults.items():
        precision, recall, n = made.score(quality, fault)
        print(
            f"  {fault}: {len(names)} planted, {n} found, "
            f"precision {precision:.3f}, recall {recall:.3f}"
        )
    for share in (0.05, 0.1):
        found = made.suspected_first(quality, share)
        print(f"  wrong labels within the first {share:.0%} suspected: {found:.3f}")
    for step in (0, 5, 10, 20):
        made_set = plant_shortcut(folder / f"shortcut{step}", step=step)
        found_shortcut = inspect(made_set).found("shortcut")
        assert found_shortcut
        best = [(item["property"], round(item["skill"], 2)) for item in found_shortcut.details[:2]]
        print(f"  {step} brighter for each class: {found_shortcut.n} shortcuts {best}")


def cifar10(archive: Path, sheet: Path) -> None:
    print(f"CIFAR-10, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    dataset = import_dataset(archive, "cifar10")
    Images(dataset).pixels  # noqa: B018  packed before the clock starts, as training needs it too
    timed("features and PCA map of 55,000", lambda: pca_map(dataset), "≤ 10 s")
    timed("near-duplicate search", lambda: near_pairs(Images(dataset)), "≤ 60 s")
    if umap_missing() is None:
        timed("UMAP of 10,000", lambda: umap_map(dataset), "≤ 90 s")
    quality = timed("whole job with the above at hand", lambda: inspect(dataset), "≤ 300 s")
    assert isinstance(quality, Quality)
    for found in quality.faults:
        print(f"  {found.id}: {found.n} in {found.seconds:.1f} s {found.values or ''}")
    image_id = dataset.index["id"].iloc[1234]
    neighbours(dataset, image_id)
    timed("100 × neighbours", lambda: [neighbours(dataset, image_id) for _ in range(100)], "≤ 10 s")
    leaks = quality.of("near_leak")
    print(leaks.head(10).to_string())
    _contact_sheet(dataset, quality, sheet)


def _contact_sheet(dataset: Dataset, quality: Quality, path: Path) -> None:
    """Draw pairs of the near leaks, drawn evenly over all scores: a test image over its twin."""
    leaks = quality.of("near_leak")
    rows = np.linspace(0, len(leaks) - 1, min(N_SHEET, len(leaks))).astype(int)
    tiles = []
    for _, row in leaks.iloc[rows].iterrows():
        pair = [dataset.pixels(row["id"]), dataset.pixels(row["other_id"])]
        tiles.append(np.kron(np.concatenate(pair), np.ones((3, 3, 1), np.uint8)))
    half = (len(tiles) + 1) // 2
    tiles += [np.zeros_like(tiles[0])] * (2 * half - len(tiles))
    lines = [np.concatenate(tiles[:half], 1), np.concatenate(tiles[half:], 1)]
    Image.fromarray(np.concatenate(lines)).save(path)
    print(f"{len(leaks)} near copies across splits; a sample is drawn in {path}")


def main() -> None:
    """Print precision and recall, then the figures of CIFAR-10 where its file is."""
    archive = Path(sys.argv[1]) if len(sys.argv) > 1 else ZIP
    sheet = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.gettempdir()) / "leaks.png"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LIGHTBOX_HOME"] = str(Path(folder) / "home")
        settings.cache_clear()
        planted(Path(folder))
        if archive.is_file():
            cifar10(archive, sheet)


if __name__ == "__main__":
    main()
