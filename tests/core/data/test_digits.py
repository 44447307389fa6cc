from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from sklearn.datasets import load_digits

from dashboard.core.data.digits import CANVAS_SIDE, digits_multi
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import InvalidInput


@pytest.fixture(scope="module")
def source():
    return digits_multi()


def test_it_is_the_same_every_time(home):
    dataset = import_dataset("digits-multi")
    assert (dataset.version, dataset.report.kept) == ("579b61caee7f", 1000)
    assert (dataset.task, dataset.classes) == ("multi_label", tuple("0123456789"))
    assert dataset.index["split"].value_counts().to_dict() == {
        "train": 800,
        "val": 100,
        "test": 100,
    }
    assert dataset.report.notes() == []
    assert set(dataset.index["width"]) == {CANVAS_SIDE}


def parts(canvas: np.ndarray, digits: dict[bytes, set[int]]) -> list[set[int]]:
    """The handwritten digits that lie whole on a canvas, found by looking everywhere."""
    windows = np.lib.stride_tricks.sliding_window_view(canvas, (8, 8)).reshape(-1, 64)
    return [digits[w.tobytes()] for w in windows if w.tobytes() in digits]


def test_labels_are_the_digits_present_and_none_crosses_splits(source):
    found = load_digits()
    pixels = np.round(found.images * (255 / 16)).astype(np.uint8)
    digits: dict[bytes, set[int]] = defaultdict(set)
    for row, digit in enumerate(pixels):
        digits[digit.tobytes()].add(row)
    used: dict[str, set[int]] = defaultdict(set)
    for image, row in zip(source._images, source.table.rows, strict=True):
        present = parts(image, digits)
        assert 2 <= len(present) <= 3
        labels = {str(found.target[min(rows)]) for rows in present}
        assert labels == set(row.labels)
        assert image.sum() == sum(int(pixels[min(rows)].sum()) for rows in present)  # no overlap
        used[row.split] |= {number for rows in present for number in rows}
    assert not used["train"] & used["test"]
    assert not used["train"] & used["val"]
    assert not used["val"] & used["test"]


def test_a_recipe_or_a_model_for_one_label_is_refused(home):
    from dashboard.core.serving.evaluation import evaluate_model
    from dashboard.core.training.jobs import submit
    from dashboard.core.training.recipe import parse_recipe, parse_toml, recipe_text

    import_dataset("digits-multi")
    fields = parse_toml(recipe_text("digits")).model_dump(exclude_none=True)
    with pytest.raises(InvalidInput, match="several labels"):
        submit(parse_recipe(fields | {"dataset": "digits-multi"}))
    with pytest.raises(InvalidInput, match="several labels"):
        evaluate_model("digits", "digits-multi", "test")
