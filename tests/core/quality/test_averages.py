"""Mean images, on pictures whose mean is known."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.versions import exclude
from dashboard.core.quality import inspection
from dashboard.core.quality.averages import averages
from tests import archives

COLOURS = {  # path → red, green, blue
    "warm/a.png": (200, 100, 0),
    "warm/b.png": (100, 100, 50),
    "cold/c.png": (0, 50, 250),
}


def flat(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(out, "PNG")
    return out.getvalue()


def test_means_and_deviations_of_all_and_of_each_class(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "colours.zip"
    path.write_bytes(archives.packed((name, flat(c)) for name, c in COLOURS.items()))
    dataset = import_dataset(path)
    assert averages(dataset) is None
    monkeypatch.setattr(inspection, "umap_missing", lambda: "left out")
    inspection.inspect(dataset)

    found = averages(dataset)
    assert dataset.classes == ("cold", "warm")
    assert np.allclose(found.means, [[100, 250 / 3, 100], [0, 50, 250], [150, 100, 25]])
    spread = [np.std([200, 100, 0]), np.std([100, 100, 50]), np.std([0, 50, 250])]
    assert np.allclose(found.deviations, [spread, [0, 0, 0], [50, 0, 25]])
    assert (found.images[2] == (150, 100, 25)).all()
    assert found.images.shape == (3, 32, 32, 3)

    gone = dataset.index.loc[dataset.index["source"] == "warm/b.png", "id"]
    made = averages(exclude(dataset, gone, ""))
    assert np.allclose(made.means, [[100, 75, 125], [0, 50, 250], [200, 100, 0]])
