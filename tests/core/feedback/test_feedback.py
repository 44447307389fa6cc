"""From a visitor's picture to a version of a data set, through the real engine."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.errors import Forbidden, InvalidInput, LightboxError, NotFound, Unavailable
from dashboard.core.feedback import store
from dashboard.core.feedback.giving import MAX_SIDE, give
from dashboard.core.feedback.learning import about, learn
from dashboard.core.feedback.store import accept, discard, items, keep, put_back
from dashboard.core.serving.client import engine
from dashboard.core.serving.process import EngineProcess
from dashboard.core.settings import settings
from tests import corpus
from tests.waiting import wait_for

SECRET = b"GPSLatitude of a visitor"


@pytest.fixture
def running(home: Path) -> Iterator[None]:
    engine.cache_clear()
    process = EngineProcess()
    process.start()
    wait_for(engine().ready)
    yield
    process.stop()
    engine().close()
    engine.cache_clear()


def photo(side: int = 64, seed: int = 0) -> bytes:
    """A JPEG that tells where it was taken."""
    small = Image.fromarray(corpus.noise(6, 6, seed=seed))
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    picture = small.resize((side, side // 2), Image.Resampling.BICUBIC)
    return corpus.saved(picture, "JPEG", exif=exif)


def hand_in(content: bytes, label: str = "3", consent: bool = True):
    return give(content, "digits", "v1", "7", label, consent)


@pytest.mark.usefixtures("running")
def test_what_is_kept_of_a_picture(home: Path) -> None:
    content = photo(2000)
    assert SECRET in content
    item = hand_in(content)
    assert (item.model, item.version, item.answer, item.label) == ("digits", "v1", "7", "3")
    assert not item.accepted
    kept = item.picture.read_bytes()
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.format, picture.size) == ("PNG", (MAX_SIDE, MAX_SIDE // 2))
        assert not picture.info
    stored = [path.read_bytes() for path in (home / "feedback").rglob("*") if path.is_file()]
    assert kept in stored
    assert not any(SECRET in part or content in part for part in stored)
    assert items() == [item]


@pytest.mark.usefixtures("running")
def test_the_same_picture_is_kept_once() -> None:
    first = hand_in(photo(), "3")
    assert hand_in(photo(), "4") == first
    assert hand_in(photo(seed=1)) != first
    assert len(items()) == 2


@pytest.mark.usefixtures("running")
def test_what_is_no_picture_is_not_kept() -> None:
    with pytest.raises(LightboxError) as caught:
        hand_in(photo()[:300])
    assert caught.value.code == "truncated"
    assert items() == []


def test_without_consent_or_with_a_wrong_class_nothing_is_asked(home: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        hand_in(photo(), consent=False)
    assert caught.value.code == "consent_missing"
    with pytest.raises(InvalidInput, match="no class “cat”"):
        hand_in(photo(), "cat")
    with pytest.raises(NotFound):
        give(photo(), "nobody", "v1", "7", "3", True)
    assert not (home / "feedback").exists()


def test_switched_off_nothing_is_taken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    with pytest.raises(Forbidden):
        hand_in(photo())


def fill(n: int, start: int = 0) -> None:
    for number in range(start, start + n):
        keep(bytes([number]), "digits", "v1", "7", "3")


def test_the_queue_has_an_end_in_number_and_in_bytes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_ITEMS", 3)
    fill(3)
    with pytest.raises(Unavailable) as caught:
        fill(1, 3)
    assert caught.value.code == "feedback_full"
    fill(1)  # is there already
    discard(items()[0].id)
    fill(1, 3)
    monkeypatch.setattr(store, "MAX_ITEMS", 100)
    monkeypatch.setattr(store, "MAX_BYTES", 4)
    fill(1, 4)
    with pytest.raises(Unavailable):
        fill(1, 5)
    assert len(items()) == 4


def test_a_reviewer_takes_corrects_and_removes(home: Path) -> None:
    fill(2)
    first, second = items()
    taken = accept(first.id, "5")
    assert (taken.label, taken.accepted) == ("5", True)
    assert items() == sorted([taken, second], key=lambda item: item.id)
    assert put_back(first.id).accepted is False
    discard(first.id, first.id, "../../etc")
    assert items() == [second]
    assert not first.picture.exists()
    with pytest.raises(NotFound):
        accept(first.id, "5")
    with pytest.raises(NotFound):
        accept("../" + second.id, "5")


def test_what_was_taken_is_learned_from_once(home: Path) -> None:
    dataset = import_dataset("digits")
    pixels = dataset.pixels(dataset.rows("test")["id"].iloc[0])
    keep(corpus.saved(corpus.noise(12, 12, seed=1)), "digits", "v1", "7", "3")
    keep(corpus.saved(np.asarray(pixels)), "digits", "v1", "7", "1")
    keep(corpus.saved(corpus.noise(12, 12, seed=2)), "cifar10", "v1", "cat", "dog")
    ours = about(dataset)
    assert {item.label for item in ours} == {"3", "1"}
    made = learn(dataset, ours, "by visitors")
    assert get_dataset("digits") == made
    (row,) = made.index.iloc[len(dataset.index) :].to_dict("records")
    assert (row["split"], made.label(row["labels"])) == ("train", "3")  # not the test image
    assert made.counts()["test"].equals(dataset.counts()["test"])
    assert [item.label for item in items()] == ["dog"]


def test_what_cannot_be_learned_stays(home: Path) -> None:
    dataset = import_dataset("digits")
    pixels = dataset.pixels(dataset.rows("test")["id"].iloc[0])
    keep(corpus.saved(np.asarray(pixels)), "digits", "v1", "7", "1")
    with pytest.raises(InvalidInput):
        learn(dataset, items(), "")
    assert len(items()) == 1
