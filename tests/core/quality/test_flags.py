"""What stays flagged when a data set changes, or when somebody says it is fine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.data.versions import exclude, relabel, restore
from dashboard.core.errors import NotFound
from dashboard.core.quality import inspection
from dashboard.core.quality.embedding import neighbours
from dashboard.core.quality.flags import load_flags
from dashboard.core.quality.kept import forget, keep, kept_images
from dashboard.core.settings import settings
from tests.planted import plant


@pytest.fixture(scope="module")
def planted_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flags")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(folder / "home"))
        patch.setattr(inspection, "umap_missing", lambda: "left out")
        settings.cache_clear()
        inspection.inspect(plant(folder / "files", n=300, each=8).dataset)
    settings.cache_clear()
    return folder / "home"


@pytest.fixture
def dataset(planted_home: Path, home: Path) -> Iterator[Dataset]:
    shutil.copytree(planted_home, home)
    name = next((home / "datasets").iterdir()).name
    return get_dataset(name)


def counts(dataset: Dataset) -> dict[str, int]:
    flags = load_flags(dataset)
    assert flags is not None
    return {found.id: found.n for found in flags.faults if found.n}


def test_without_a_check_there_are_no_flags(dataset: Dataset) -> None:
    (dataset.path / "quality.json").unlink()
    assert load_flags(dataset) is None


@pytest.mark.parametrize("fault", ["exact_duplicate", "near_duplicate", "exact_leak", "near_leak"])
def test_taking_out_all_copies_leaves_one_of_each_picture(dataset: Dataset, fault: str) -> None:
    flags = load_flags(dataset)
    table = flags.of(fault)
    assert len(table) >= 6
    left = exclude(dataset, table["id"], fault)
    members = set(table["id"]) | set(table["other_id"])
    for _, group in table.groupby("group"):
        ids = set(group["id"]) | set(group["other_id"])
        assert ids & set(left.index["id"])
    assert members - set(table["id"]) <= set(left.index["id"])
    assert fault not in counts(left)


def test_flags_of_the_images_that_are_left_hold_in_the_next_version(dataset: Dataset) -> None:
    flags = load_flags(dataset)
    before = set(flags.of("label_error")["id"])
    gone = sorted(before)[:2]
    made = exclude(dataset, gone, "")
    carried = load_flags(made)
    assert carried.checked == dataset
    assert set(carried.of("label_error")["id"]) == before - set(gone)
    assert carried.scores["id"].tolist() == made.index["id"].tolist()
    assert carried.scores["suspicion"].notna().all()
    again = load_flags(exclude(made, [sorted(before)[2]], ""))
    assert again.checked == dataset
    assert set(again.of("label_error")["id"]) == before - set(sorted(before)[:3])


def test_an_original_that_is_taken_out_leaves_no_flag_on_its_copy(dataset: Dataset) -> None:
    table = load_flags(dataset).of("exact_leak")
    row = table.iloc[0]
    carried = load_flags(exclude(dataset, [row["other_id"]], ""))
    assert row["id"] in set(carried.dataset.index["id"])
    assert row["id"] not in set(carried.of("exact_leak")["id"])


def test_a_new_label_ends_doubts_of_the_old_one_only(dataset: Dataset) -> None:
    flags = load_flags(dataset)
    suggested = flags.suggested(flags.of("label_error")["id"])
    assert suggested
    made = relabel(dataset, {key: dataset.classes[to] for key, to in suggested.items()}, "")
    carried = load_flags(made)
    assert not set(carried.of("label_error")["id"]) & set(suggested)
    rows = carried.scores.set_index("id").loc[list(suggested)]
    assert rows["suspicion"].isna().all()
    assert (rows["suggested"] == -1).all()
    assert set(carried.of("exact_leak")["id"]) == set(flags.of("exact_leak")["id"])
    for image_id, index in suggested.items():
        assert made.row(image_id)["labels"] == [index]


def test_a_fault_of_the_whole_data_set_does_not_carry_over(dataset: Dataset) -> None:
    flags = load_flags(dataset)
    whole = [found for found in flags.faults if found.id in ("small_class", "imbalance")]
    assert all(found.skipped is None for found in whole)
    carried = load_flags(exclude(dataset, [dataset.index["id"].iloc[0]], ""))
    for found in carried.faults:
        assert bool(found.skipped) == (found.id in ("small_class", "imbalance", "shortcut"))


def test_kept_images_leave_their_fault_in_every_version(dataset: Dataset) -> None:
    flags = load_flags(dataset)
    ids = flags.of("near_leak")["id"].tolist()
    n = counts(dataset)["near_leak"]
    keep(dataset, "near_leak", ids[:2])
    keep(dataset, "near_leak", ids[1:3])
    assert counts(dataset)["near_leak"] == n - 3
    assert set(load_flags(dataset).of("near_leak", kept=True)["id"]) == set(ids[:3])
    made = exclude(dataset, [ids[4]], "")
    assert counts(made)["near_leak"] == n - 4
    forget(made, "near_leak", ids[:3])
    assert counts(made)["near_leak"] == n - 1
    assert counts(restore(dataset.name, dataset.version))["near_leak"] == n


def test_keeping_is_by_fault_and_of_images_that_exist(dataset: Dataset) -> None:
    image_id = load_flags(dataset).of("exact_leak")["id"].iloc[0]
    others = len(load_flags(dataset).on(image_id))
    keep(dataset, "exact_leak", [image_id])
    assert len(load_flags(dataset).on(image_id)) == others - 1
    with pytest.raises(NotFound):
        keep(dataset, "exact_leak", ["no-such-image"])
    assert kept_images(dataset) == {"exact_leak": [image_id]}


def test_neighbours_are_known_without_a_check_of_the_new_version(dataset: Dataset) -> None:
    image_id = dataset.index["id"].iloc[5]
    before = neighbours(dataset, image_id, k=4)["id"].tolist()
    made = exclude(dataset, before[:1], "")
    found = neighbours(made, image_id, k=3)
    assert found["id"].tolist() == before[1:]
    assert not (made.path / "features.npy").exists()
