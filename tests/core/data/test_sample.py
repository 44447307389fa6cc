from __future__ import annotations

from pathlib import Path

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.sample import sample_ids


def test_classes_take_turns_and_a_seed_decides(home: Path) -> None:
    dataset = import_dataset("digits")
    ids = sample_ids(dataset, 12, 0)
    assert len(set(ids)) == 12
    labels = [dataset.row(image_id)["labels"][0] for image_id in ids]
    assert sorted(labels[:10]) == list(range(10))
    assert {dataset.row(image_id)["split"] for image_id in ids} == {"train"}
    assert sample_ids(dataset, 12, 0) == ids
    assert sample_ids(dataset, 12, 1) != ids
    assert len(sample_ids(dataset, 10**6, 0)) == len(dataset.rows("train"))
