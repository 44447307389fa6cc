"""“This is wrong, it is …” in the widget: nothing is kept without consent."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.core.settings import settings
from dashboard.widget.blocks import build
from dashboard.widget.examples import example_paths
from tests.server import Lightbox
from tests.widget.client import ask, image, send, upload

CONSENT_MISSING = "A picture is only kept if you agree that it is stored and used for training."
NOT_HERE = "The picture is no longer here. Upload it again."


@pytest.fixture
def kept(lightbox: Lightbox) -> Iterator[Path]:
    """Where pictures are kept; nothing at first."""
    folder = lightbox.home / "feedback"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def session(lightbox: Lightbox) -> str:
    """A visitor with an answer to a picture of a 7."""
    name = secrets.token_hex(8)
    (path,) = upload(lightbox, "7.png", example_paths("digits")[3].read_bytes()).json()
    assert ask(lightbox, image(path), "digits", session=name).label
    return name


def hand_in(lightbox: Lightbox, label: Any, consent: Any, session: str, form: str = "feedback"):
    """What the form says."""
    told = send(lightbox, form, [None, label, consent], session=session)
    return told.error if told.error is not None else told.data[1]


@pytest.mark.parametrize("consent", [False, None, "", "true", 1, ["yes"], {"a": 1}])
def test_nothing_is_kept_without_consent(
    lightbox: Lightbox, kept: Path, session: str, consent: Any
) -> None:
    assert hand_in(lightbox, "1", consent, session) == CONSENT_MISSING
    assert not list(kept.rglob("*.png"))


def test_a_picture_is_kept_with_consent(lightbox: Lightbox, kept: Path, session: str) -> None:
    thanks = hand_in(lightbox, "1", True, session)
    assert thanks == "Thank you. It waits to be looked at, as “1”."
    (item,) = [json.loads(path.read_text("utf-8")) for path in kept.rglob("item.json")]
    assert (item["model"], item["answer"], item["label"]) == ("digits", "7", "1")
    assert len(list(kept.rglob("*.png"))) == 1


def test_a_class_must_be_chosen(lightbox: Lightbox, kept: Path, session: str) -> None:
    assert hand_in(lightbox, None, True, session) == "Choose what it is."
    assert not list(kept.rglob("*.png"))


@pytest.mark.parametrize("label", ["", "cat", "x" * 100_000, 7, ["7"], {"path": "/x"}, "../7"])
def test_only_a_class_of_the_model_is_right(
    lightbox: Lightbox, kept: Path, session: str, label: Any
) -> None:
    assert "Thank" not in hand_in(lightbox, label, True, session)
    assert not list(kept.rglob("*.png"))


def test_there_must_be_an_answer(lightbox: Lightbox, kept: Path, session: str) -> None:
    about = {"path": "/etc/hostname", "model": "digits", "version": "v", "answer": "7"}
    told = send(lightbox, "feedback", [about, "1", True], session=secrets.token_hex(8))
    assert told.data[1] == NOT_HERE
    assert "Thank" not in hand_in(lightbox, "1", True, session, "feedback-2")  # nobody's column
    assert not list(kept.rglob("*.png"))


def test_the_form_is_only_there_where_feedback_is_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def words(language: str = "en") -> str:
        config = build(language).get_config_file()
        return json.dumps(config, default=str, ensure_ascii=False)

    assert "This is wrong" in words()
    assert "Nothing you upload is kept, unless you hand it in for training." in words()
    assert "除非您同意提交图片用于训练，否则您上传的内容不会保存。" in words("zh")
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    assert "This is wrong" not in words()
    assert "Nothing you upload is kept." in words()
    assert "您上传的内容不会保存。" in words("zh")
