"""Every picture of the corpus through the widget, on a real server."""

from __future__ import annotations

import pytest

from tests import contract, corpus
from tests.corpus import Row
from tests.server import Lightbox
from tests.widget.client import ask, image, upload


@pytest.mark.parametrize("row", corpus.IMAGES, ids=lambda row: row.id)
def test_every_picture_gets_its_verdict(lightbox: Lightbox, row: Row) -> None:
    content = row.make()
    error, notes = contract.sentences(content)
    with contract.survived(lightbox):
        sent = upload(lightbox, row.name, content)
        if sent.status_code != 200:
            assert (sent.status_code, row.verdict) == (413, "too_large")
            return
        told = ask(lightbox, image(sent.json()[0]), "digits", False)
    assert (told.error or "") == error
    if told.label is None:
        contract.check_sentence(error)
        return
    contract.check_probabilities([item["confidence"] for item in told.label["confidences"]])
    assert set(notes) <= set(told.verdict.replace("\\", "").split("\n\n"))


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "不是可读取的图片"), (corpus.flat(7, 7), "7 × 7")]
)
def test_in_chinese(lightbox: Lightbox, content: bytes, words: str) -> None:
    sent = upload(lightbox, "a.png", content, "/classify/zh")
    told = ask(lightbox, image(sent.json()[0]), "digits", False, page="/classify/zh")
    assert words in (told.error or "")
    assert "The " not in (told.error or "")
