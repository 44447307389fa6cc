"""Measuring how far to trust a model that has no such figures yet."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from dashboard.core.data.hashes import training_hashes
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.errors import Conflict, Forbidden, InvalidInput, LightboxError, NotFound
from dashboard.core.images import encode_png
from dashboard.core.models.card import Card, DatasetRef, load_card, save_card
from dashboard.core.models.reference import load_reference
from dashboard.core.models.store import get_model, publish
from dashboard.core.runs import lock
from dashboard.core.serving.assurance import evidence_title
from dashboard.core.serving.engine import Engine
from dashboard.core.serving.evaluation import evaluate_model
from dashboard.core.serving.question import Question
from dashboard.core.settings import REPOSITORY, settings
from dashboard.core.tasks import Task
from dashboard.core.training.calibrate import LEAST, calibrate, class_places
from dashboard.core.training.calibrating import STAGES, calibrate_apart
from tests import archives, contract


@pytest.fixture(scope="module", autouse=True)
def digits(module_home: Path) -> None:
    import_dataset("digits")


def bare(tmp_path: Path, name: str, **told: object) -> Card:
    """The shipped network of digits, published as one that came from elsewhere."""
    folder = tmp_path / "source"
    shutil.copytree(REPOSITORY / "models" / "digits", folder)
    (folder / "reference.npz").unlink()
    plain = {"dataset": None, "trust": None, "temperature": 1.0, "metrics": (), "confusion": ()}
    save_card(load_card(folder).model_copy(update=plain | told), folder)
    return publish(folder, name)


def test_a_model_from_elsewhere_is_measured_and_told_apart_from_its_own(tmp_path: Path) -> None:
    before, stages = bare(tmp_path, "elsewhere"), []
    card = calibrate("elsewhere", "digits", stages.append)
    assert stages == list(STAGES)
    dataset = get_dataset("digits")
    reference = DatasetRef(name="digits", version=dataset.version)
    assert card.trust is not None
    assert (card.dataset, card.trust.dataset) == (None, reference)
    assert card.version != before.version
    assert get_model("elsewhere").card == card
    assert get_model("elsewhere", before.version).card == before  # nothing is overwritten
    assert card.metrics == evaluate_model("elsewhere", "digits", "test")
    assert card.trust.n == len(dataset.rows("val"))
    assert card.trust.calibration[1].n == sum(map(sum, card.confusion)) == len(dataset.rows("test"))
    assert card.temperature != 1.0
    assert card.curves == before.curves
    assert card.command.splitlines()[-1] == (
        "python -m dashboard calibrate elsewhere --dataset digits"
    )
    assert evidence_title(card) == "Nearest images it was measured on"
    answer = Engine().classify(contract.GOOD, Question(model="elsewhere", evidence=3))
    assert answer.assurance is not None
    assert answer.assurance.sets == {"": ("7",)}
    assert {item.label for item in answer.assurance.evidence} == {"7"}
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    (note,) = Engine().classify(encode_png(noise), Question(model="elsewhere")).notes
    assert note.template == (
        "The picture is unlike those the model was measured on: do not rely on the answer."
    )


def test_two_at_once_are_told_so_before_anything_is_read(tmp_path: Path) -> None:
    version = bare(tmp_path, "twice").version
    stages: list[str] = []
    with lock.hold(settings().models / ".twice.lock", "twice"):
        with pytest.raises(Conflict, match="“twice” is being measured already") as caught:
            calibrate("twice", "digits", stages.append)
        contract.check_sentence(str(caught.value))
        with pytest.raises(Conflict, match="“twice” is being measured already"):
            calibrate_apart("twice", "digits", stages.append)
    assert stages == []
    assert get_model("twice").card.version == version
    calibrate("twice", "digits", stages.append)
    assert stages == list(STAGES)


def test_that_it_was_trained_on_a_picture_is_only_said_where_it_is_known(tmp_path: Path) -> None:
    dataset = get_dataset("digits")
    seen = dataset.image_path(dataset.rows("train")["id"].iloc[0]).read_bytes()
    own = DatasetRef(name="digits", version=dataset.version)
    found = {}
    for name, ref in (("own", own), ("other", own.model_copy(update={"version": "0" * 12}))):
        bare(tmp_path / name, name, dataset=ref)
        card = calibrate(name, "digits")
        assert card.dataset == ref
        answer = Engine().classify(seen, Question(model=name))
        found[name] = "trained_on" in [note.code for note in answer.notes]
        kept = load_reference(get_model(name).folder)
        assert kept is not None
        assert len(kept.hashes) == (len(training_hashes(dataset)) if name == "own" else 0)
        assert (card.trust is not None and card.trust.dataset) == (None if name == "own" else own)
    assert found == {"own": True, "other": False}


def test_classes_in_another_order_are_matched_by_name(tmp_path: Path) -> None:
    same = calibrate(bare(tmp_path / "a", "same").name, "digits")
    turned_names = tuple("9876543210")  # wrong names: nearly every answer is wrong
    bare(tmp_path / "b", "turned", classes=turned_names, tasks=(Task("", turned_names),))
    turned = calibrate("turned", "digits")
    assert turned.temperature > 5 * same.temperature  # so wrong that nothing is certain
    assert turned.metrics[0].value < 0.2 < 0.9 < same.metrics[0].value


def test_places_go_by_name(tmp_path: Path) -> None:
    card = bare(tmp_path, "places")
    dataset = get_dataset("digits")
    assert class_places(dataset, card).tolist() == list(range(10))
    turned = card.model_copy(update={"classes": tuple(reversed(card.classes))})
    assert class_places(dataset, turned).tolist() == list(range(9, -1, -1))


@pytest.mark.parametrize("classes", [("a", "b"), tuple("0123456789x"), tuple("012345678")])
def test_other_classes_are_named(tmp_path: Path, classes: tuple[str, ...]) -> None:
    card = bare(tmp_path, "classes").model_copy(update={"classes": classes})
    with pytest.raises(InvalidInput, match="must have the same classes") as caught:
        class_places(get_dataset("digits"), card)
    contract.check_sentence(str(caught.value))


def test_too_few_images_are_named(tmp_path: Path) -> None:
    content = [
        (f"{c}/{i}.png", archives.picture(10 * int(c) + i)) for c in "0123456789" for i in range(8)
    ]
    path = tmp_path / "few.zip"
    path.write_bytes(archives.packed(content))
    import_dataset(str(path))
    bare(tmp_path, "few")
    with pytest.raises(InvalidInput, match=f"at least {LEAST} are") as caught:
        calibrate("few", "few")
    assert caught.value.code == "too_few_images"


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    for model, dataset in (("none", "digits"), ("digits", "none")):
        with pytest.raises(NotFound):
            calibrate(model, dataset)


def test_in_a_demo_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    with pytest.raises(Forbidden):
        calibrate("digits", "digits")
    monkeypatch.undo()
    settings.cache_clear()


def test_apart_it_comes_to_the_same(tmp_path: Path) -> None:
    bare(tmp_path, "apart")
    here, stages = calibrate("apart", "digits"), []
    there = calibrate_apart("apart", "digits", stages.append)
    assert stages == list(STAGES)
    assert there.version != here.version
    assert (there.temperature, there.metrics) == (here.temperature, here.metrics)
    bare(tmp_path / "c", "two", classes=("a", "b"), tasks=(Task("", ("a", "b")),))
    with pytest.raises(LightboxError, match="must have the same classes"):
        calibrate_apart("two", "digits", stages.append)
