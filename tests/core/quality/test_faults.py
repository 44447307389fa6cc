"""Planted faults are found, and little else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.core.data.dataset import SPLITS, Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.quality import embedding, inspection, results
from dashboard.core.quality.balance import Imbalance, SmallClass
from dashboard.core.quality.base import Images
from dashboard.core.quality.catalog import FAULTS
from dashboard.core.quality.mislabelled import confident_errors
from dashboard.core.quality.near import NearLeak
from dashboard.core.quality.properties import properties, texture
from dashboard.core.quality.similar import detail_correlation
from dashboard.core.quality.sizes import far_out
from dashboard.core.settings import settings
from dashboard.core.text import translate
from tests import archives
from tests.planted import Planted, digits, plant, plant_shortcut


def without_umap(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inspection, "umap_missing", lambda: "left out")  # compiles for 10 s


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Planted, results.Quality]:
    folder = tmp_path_factory.mktemp("planted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(folder / "home"))
        without_umap(patch)
        settings.cache_clear()
        planted = plant(folder / "files", n=800, each=12)
        quality = inspection.inspect(planted.dataset)
    settings.cache_clear()
    return planted, quality


@pytest.mark.parametrize("fault", ["exact_duplicate", "exact_leak", "exact_conflict"])
def test_exact_copies_are_found_and_nothing_else(found, fault: str) -> None:
    planted, quality = found
    precision, recall, _ = planted.score(quality, fault)
    assert (precision, recall) == (1, 1)


@pytest.mark.parametrize("fault", ["near_duplicate", "near_leak"])
def test_near_copies_are_found(found, fault: str) -> None:
    planted, quality = found
    precision, recall, _ = planted.score(quality, fault)
    assert precision >= 0.8
    assert recall >= 0.8


def test_wrong_labels_come_first(found) -> None:
    planted, quality = found
    assert planted.suspected_first(quality, 0.1) >= 0.8
    precision, recall, _ = planted.score(quality, "label_error")
    assert precision >= 0.6
    assert recall >= 0.6


def test_a_leak_names_the_test_image_and_its_training_twin(found) -> None:
    planted, quality = found
    row = quality.of("exact_leak").iloc[0]
    assert planted.dataset.row(row["id"])["split"] == "test"
    assert planted.dataset.row(row["other_id"])["split"] in ("train", "val")


def test_what_is_stored_is_what_was_found(found) -> None:
    planted, quality = found
    again = results.load(planted.dataset)
    assert again == quality
    assert again is not None
    assert list(again.scores.columns) == ["id", "suspicion", "suggested", "uniqueness"]
    assert list(again.table.columns) == ["id", "fault", "score", "group", "other_id"]
    for item in again.faults:
        assert item.n >= 0
        assert item.skipped or item.seconds >= 0


def test_every_fault_describes_itself(found) -> None:
    _, quality = found
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)
    for fault, item in zip(FAULTS, quality.faults, strict=True):
        assert fault.id == item.id
        assert fault.__doc__
        assert fault.action in ("exclude", "relabel", "review")
        assert "{" not in translate(fault.sentence, "en", n=item.n, **item.values)


def test_neighbours_find_the_copy_first(found) -> None:
    planted, quality = found
    row = quality.of("exact_duplicate").iloc[0]
    near = embedding.neighbours(planted.dataset, row["id"], 5)
    assert near["id"].iloc[0] == row["other_id"]
    assert near["distance"].iloc[0] == pytest.approx(0, abs=1e-2)
    assert near["distance"].is_monotonic_increasing
    pixels = planted.dataset.pixels(row["id"])
    again = embedding.neighbours_of(planted.dataset, pixels, 2)
    assert row["id"] in set(again["id"])


def test_a_map_has_every_image(found) -> None:
    planted, _ = found
    assert list(embedding.pca_map(planted.dataset)["id"]) == list(planted.dataset.index["id"])


def test_umap_keeps_neighbours_together(home: Path) -> None:
    pytest.importorskip("umap")
    dataset = import_dataset("digits")
    places = embedding.umap_map(dataset)
    labels = np.array([item[0] for item in dataset.index["labels"]])
    from sklearn.neighbors import KNeighborsClassifier

    model = KNeighborsClassifier(5).fit(places[["x", "y"]][::2], labels[::2])
    assert model.score(places[["x", "y"]][1::2], labels[1::2]) > 0.9


def test_a_brightness_shortcut_is_named(home: Path, tmp_path: Path, monkeypatch) -> None:
    without_umap(monkeypatch)
    for step, expected in ((0, False), (12, True)):
        dataset = plant_shortcut(tmp_path / str(step), n=600, step=step)
        item = inspection.inspect(dataset).found("shortcut")
        assert item is not None
        assert (item.n > 0) == expected
        tried = {facts["property"] for facts in item.details}
        assert "file size" not in tried  # of a PNG it only says what the picture shows
    assert item.values["property"] in ("brightness", "border colour", "colour")


def odd_ones(folder: Path) -> Dataset:
    """Import digits beside a black, a white, a blurred, a tiny and a long picture."""
    pixels, labels = digits(200)
    big = [np.kron(item, np.ones((2, 2), np.uint8)) for item in pixels]
    noise = np.random.default_rng(0).integers(-20, 20, (200, 64, 64))
    odd = {
        "black": np.full((64, 64), 3, np.uint8),
        "white": np.full((64, 64), 252, np.uint8),
        "blurred": np.tile(np.linspace(40, 200, 64), (64, 1)).astype(np.uint8),
        "tiny": pixels[0][::2, ::2],
        "long": np.tile(big[1], (1, 6)),
    }
    for row, label in enumerate(labels):
        shown = np.clip(big[row] + 40 + noise[row], 0, 255).astype(np.uint8)
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(shown).save(folder / str(label) / f"{row}.png")
    for name, picture in odd.items():
        Image.fromarray(picture).save(folder / "0" / f"{name}.png")
    return import_dataset(folder, "odd")


def test_odd_pictures_are_named(home: Path, tmp_path: Path, monkeypatch) -> None:
    without_umap(monkeypatch)
    dataset = odd_ones(tmp_path / "odd")
    quality = inspection.inspect(dataset)
    names = Planted(dataset)
    for fault, name in {
        "dark": "black",
        "bright": "white",
        "blurry": "blurred",
        "low_information": "black",
        "odd_size": "tiny",
        "odd_aspect": "long",
    }.items():
        assert name in names.stems(quality.of(fault)["id"]), fault
        assert len(quality.of(fault)) <= 4, fault


def test_tiny_data_sets_are_searched_too(home: Path, tmp_path: Path, monkeypatch) -> None:
    without_umap(monkeypatch)
    for label in "ab":
        (tmp_path / "two" / label).mkdir(parents=True)
        Image.new("RGB", (20, 20), "red").save(tmp_path / "two" / label / f"{label}.png")
    quality = inspection.inspect(import_dataset(tmp_path / "two", "two"))
    assert {item.id: item.n for item in quality.faults}["exact_conflict"] == 2
    label_error = quality.found("label_error")
    assert label_error is not None
    assert label_error.skipped


def test_copies_are_found_also_where_every_picture_has_one(home: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for n in range(24):
        coarse = Image.fromarray(random.integers(0, 256, (12, 12, 3), np.uint8))
        photo = coarse.resize((96, 96), Image.Resampling.BICUBIC)
        for split in ("train", "test"):
            (tmp_path / "all" / split / "ab"[n % 2]).mkdir(parents=True, exist_ok=True)
        photo.save(tmp_path / "all/train" / "ab"[n % 2] / f"{n}.png")
        photo.resize((80, 80)).save(tmp_path / "all/test" / "ab"[n % 2] / f"{n}.jpg", quality=75)
    dataset = import_dataset(tmp_path / "all")
    found = NearLeak().find(Images(dataset))
    assert set(found.rows) == set(dataset.rows("test").index)
    names = [Path(name).stem for name in dataset.index["source"]]
    assert [names[row] for row in found.rows] == [names[row] for row in found.others]


@pytest.mark.parametrize("size", [(1600, 16), (8, 4000)])
def test_a_strip_whose_thumbnail_is_a_line_is_measured(size, home, tmp_path, monkeypatch) -> None:
    without_umap(monkeypatch)
    for label in "ab":
        (tmp_path / "two" / label).mkdir(parents=True)
        Image.effect_noise((90, 60), 50).save(tmp_path / "two" / label / f"{label}.png")
    Image.effect_noise(size, 50).save(tmp_path / "two" / "a" / "strip.png")
    dataset = import_dataset(tmp_path / "two", "two")
    inspection.inspect(dataset)
    found = properties(Images(dataset))
    assert (found["sharpness"] > 10).all()


@pytest.mark.parametrize(
    ("fault", "score"), [(SmallClass(), 1 - 3 / 20), (Imbalance(), pytest.approx(40 / 3))]
)
def test_a_small_class_is_shown_where_it_stands_beside_another(
    fault, score, home, tmp_path
) -> None:
    rare = (0, 7, 9)
    table = "filename,label,split\n" + "".join(
        f"{n:02}.png,{'big|rare' if n in rare else 'big'},train\n" for n in range(40)
    )
    files = [(f"{n:02}.png", archives.picture(n)) for n in range(40)]
    held_out = [(f"{split}.png", archives.picture(50 + k)) for k, split in enumerate(SPLITS[1:])]
    table += "".join(f"{split}.png,big,{split}\n" for split in SPLITS[1:])
    path = tmp_path / "x.zip"
    path.write_bytes(archives.packed([*files, *held_out, ("labels.csv", table.encode())]))
    finding = fault.find(Images(import_dataset(path)))
    assert (finding.count, finding.rows.tolist()) == (1, list(rare))
    assert finding.scores.tolist() == [score] * 3
    assert finding.groups is not None
    assert finding.groups.tolist() == [1, 1, 1]


def test_nothing_is_found_where_nobody_looked(home: Path) -> None:
    assert results.load(import_dataset("digits")) is None


def test_confident_learning_by_hand() -> None:
    # thresholds: class 0 (0.9 + 0.7 + 0.2) / 3 = 0.6; class 1 (0.8 + 0.6) / 2 = 0.7
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.2, 0.8], [0.4, 0.6]])
    labels = np.array([0, 0, 0, 1, 1])
    assert confident_errors(probabilities, labels).tolist() == [False, False, True, False, False]


def test_texture_by_hand() -> None:
    grey = np.zeros((1, 4, 4), np.uint8)
    grey[0, :, 2:] = 100
    low, high, sharpness, bits = texture(grey)[0]
    # Laplacian of the four inner pixels: +100, −100 in each row
    assert (low, high, sharpness, bits) == (0, 100, 100, 1)


def test_far_out_by_hand() -> None:
    values = np.array([100.0] * 20 + [190.0, 210.0, 49.0])
    assert np.flatnonzero(far_out(values) > 0).tolist() == [21, 22]


def test_detail_is_compared_at_the_best_shift() -> None:
    pixels, _ = digits(4)
    moved = np.roll(pixels[0], (1, -2), (0, 1))
    grey = np.stack([pixels[0], moved, pixels[1]])
    same, other = detail_correlation(grey, np.array([0, 0]), np.array([1, 2]))
    assert same == pytest.approx(1, abs=0.01)
    assert other < 0.8


def test_the_digits_are_fine(home: Path, monkeypatch) -> None:
    without_umap(monkeypatch)
    dataset = import_dataset("digits")
    quality = inspection.inspect(get_dataset("digits"))
    assert len(Images(dataset)) == 1797
    counts = {item.id: item.n for item in quality.faults}
    for fault in ("exact_leak", "exact_conflict", "shortcut", "dark", "odd_size", "imbalance"):
        assert counts[fault] == 0, fault
    assert counts["near_duplicate"] + counts["near_leak"] <= 5
    assert counts["label_error"] <= 10
