from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.pack import pack
from dashboard.core.data.store import get_dataset, list_datasets
from dashboard.core.data.versions import exclude, history, relabel, restore
from dashboard.core.errors import Conflict, InvalidInput, NotFound
from dashboard.core.settings import REPOSITORY
from tests import archives, corpus


@pytest.fixture
def pets(home, tmp_path) -> Dataset:
    large = corpus.saved(corpus.smooth(400, 200), "JPEG")
    again = ("cat/again.png", archives.picture(0))
    files = [*archives.pets(), again, ("cat/large.jpg", large), ("cat/a.txt", b"x")]
    path = tmp_path / "pets.zip"
    path.write_bytes(archives.packed(files))
    return import_dataset(path)


def ids(dataset: Dataset, label: str) -> list[str]:
    return dataset.rows(class_index=dataset.classes.index(label))["id"].tolist()


def test_exclude_makes_a_version_that_remembers(pets):
    gone = ids(pets, "cat")[:2]
    made = exclude(pets, gone, "blurry")
    assert made != pets
    assert get_dataset("pets") == made
    assert set(made.index["id"]) == set(pets.index["id"]) - set(gone)
    assert (made.parent, made.change.kind, made.change.n) == (pets.version, "exclude", 2)
    assert (made.change.reason, made.change.ids) == ("blurry", tuple(gone))
    assert (made.report.kept, made.report.excluded) == (8, 2)
    messages = [note["message"] for note in made.report.to_json()["notes"]]
    assert "Files left out: 1 of 11." in messages
    assert "Images taken out later: 2." in messages
    assert [dataset.version for dataset in list_datasets()] == [made.version]


def test_images_are_shared_not_copied(pets):
    chosen = pets.index[pets.index["source"] == "cat/large.jpg"].iloc[0]["id"]
    made = exclude(pets, ids(pets, "dog")[:1], "")
    for path in (Dataset.image_path, Dataset.thumb_path):
        assert path(made, chosen).samefile(path(pets, chosen))
        assert path(made, chosen).parent != path(pets, chosen).parent
    assert (made.path / "dropped.csv").read_bytes() == (pets.path / "dropped.csv").read_bytes()
    assert len(list(made.path.glob("images/*/*"))) == made.index["file"].nunique()
    assert pack(made, 8, 8, 3).shape == (9, 8, 8, 3)


def test_without_hard_links_they_are_copied(pets, monkeypatch):
    def no_links(*_: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", no_links)
    made = exclude(pets, ids(pets, "dog")[:1], "")
    assert (made.pixels(ids(made, "dog")[0]) == pets.pixels(ids(made, "dog")[0])).all()


def test_an_older_version_goes_without_harm_to_a_newer(pets):
    made = exclude(pets, ids(pets, "dog")[:1], "")
    shutil.rmtree(pets.path)
    assert all(made.image_path(image).is_file() for image in made.index["id"])


def test_relabel(pets):
    image = ids(pets, "cat")[0]
    made = relabel(pets, {image: "dog"}, "misfiled")
    assert made.row(image)["labels"] == [1]
    assert pets.row(image)["labels"] == [0]
    assert (made.change.kind, made.change.ids, made.report.kept) == ("relabel", (image,), 10)
    assert made.index["split"].tolist() == pets.index["split"].tolist()
    assert relabel(made, {image: ["cat"]}, "").row(image)["labels"] == [0]


def test_repeats_are_counted_anew(pets):
    twins = pets.index[pets.index["pixel_hash"].duplicated(keep=False)]["id"].tolist()
    assert (pets.report.duplicates, pets.report.conflicting) == (1, 0)
    assert relabel(pets, {twins[0]: "dog"}, "").report.conflicting == 2
    restore("pets", pets.version)
    assert exclude(pets, twins[:1], "").report.duplicates == 0


def test_a_version_is_a_hash_of_its_content(pets):
    first, second = ids(pets, "cat")[:2]
    both = exclude(pets, [first, second], "both")
    restore("pets", pets.version)
    one = exclude(pets, [second], "one")
    assert exclude(one, [first], "the other") == both
    assert len(history("pets")) == 3


def test_restore_and_history(pets):
    one = exclude(pets, ids(pets, "cat")[:1], "one")
    two = relabel(one, {ids(one, "cat")[0]: "dog"}, "two")
    assert [item.version for item in history("pets")] == [two.version, one.version, pets.version]
    assert restore("pets", pets.version) == pets == get_dataset("pets")
    assert len(history("pets")) == 3
    with pytest.raises(NotFound):
        restore("pets", "../pets")
    with pytest.raises(NotFound):
        history("cats")


def test_the_last_image_of_a_class_stays(pets):
    with pytest.raises(InvalidInput, match="“dog” would lose its last image"):
        exclude(pets, ids(pets, "dog"), "")
    with pytest.raises(InvalidInput, match="“dog” would lose its last image"):
        relabel(pets, dict.fromkeys(ids(pets, "dog"), "cat"), "")
    assert history("pets") == [pets]


@pytest.mark.parametrize("chosen", [[], ["nothing"], ["../../x"]])
def test_wrong_ids(pets, chosen):
    with pytest.raises((InvalidInput, NotFound)):
        exclude(pets, chosen, "")
    with pytest.raises((InvalidInput, NotFound)):
        relabel(pets, dict.fromkeys(chosen, "dog"), "")


def test_wrong_labels_and_reasons(pets):
    image = ids(pets, "cat")[0]
    for names, part in (("cow", "no class “cow”"), (["cat", "dog"], "one class"), ([], "at least")):
        with pytest.raises(InvalidInput, match=part):
            relabel(pets, {image: names}, "")
    with pytest.raises(InvalidInput, match="500"):
        exclude(pets, [image], "x" * 501)


def test_a_version_that_is_no_longer_current_is_not_built_upon(pets):
    exclude(pets, ids(pets, "cat")[:1], "")
    with pytest.raises(Conflict, match="changed meanwhile"):
        exclude(pets, ids(pets, "cat")[1:2], "")


def test_several_labels(home):
    dataset = import_dataset("digits-multi")
    image = dataset.index["id"].iloc[0]
    assert relabel(dataset, {image: ["9", "0", "9"]}, "").row(image)["labels"] == [0, 9]


def test_failure_leaves_the_data_set_as_it_was(pets, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(Exception, match="disk is full"):
        exclude(pets, ids(pets, "cat")[:1], "")
    assert history("pets") == [pets]
    assert not list(pets.path.parent.glob(".tmp-*"))


def test_data_sets_of_an_earlier_day_still_work(pets):
    """Without parents in `dataset.json` and without figures in the index."""
    stored = json.loads((pets.path / "dataset.json").read_text("utf-8"))
    for key in ("parent", "change"):
        del stored[key]
    for key in ("near_leaks", "excluded", "table"):
        del stored["report"][key]
    (pets.path / "dataset.json").write_text(json.dumps(stored), "utf-8")
    figures = ["format", "bytes", "brightness", "contrast", "sharpness", "phash"]
    frame = pd.read_parquet(pets.path / "index.parquet").drop(columns=figures)
    frame.to_parquet(pets.path / "index.parquet", index=False)
    old = Dataset.read(pets.path)
    assert (old.parent, old.change, old.report) == ("", None, pets.report)
    made = exclude(old, ids(old, "cat")[:1], "")
    assert made.counts().to_numpy().sum() == 9


def test_of_two_changes_at_once_one_wins_and_the_other_is_told(pets):
    """Of changes to the same version, only one may follow it: the other would be lost."""
    rows = pets.index["id"].tolist()[:8]
    command = [sys.executable, "-c", CHANGE, pets.version]
    children = [
        subprocess.Popen([*command, row], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        for row in rows
    ]
    said = [child.communicate()[0].strip() for child in children]
    assert sorted(said) == ["done", *["version_changed"] * 7]
    assert len(history("pets")) == 2


CHANGE = """
import sys
from dashboard.core.data.store import get_dataset
from dashboard.core.data.versions import exclude
from dashboard.core.errors import Conflict
try:
    exclude(get_dataset("pets", sys.argv[1]), [sys.argv[2]], "at once")
    print("done")
except Conflict as error:
    print(error.code)
"""
