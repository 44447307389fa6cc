"""Every picture of the corpus through REST, on a real server."""

from __future__ import annotations

import pytest

from tests import contract, corpus
from tests.corpus import Row
from tests.server import HTTP, Lightbox

TOLERANCE = 1e-3


@pytest.mark.parametrize("row", corpus.IMAGES, ids=lambda row: row.id)
def test_every_picture_gets_its_verdict(lightbox: Lightbox, row: Row) -> None:
    with contract.survived(lightbox):
        files = {"image": (row.name, row.make(), "image/png")}
        answer = HTTP.post(f"{lightbox.url}/api/v1/classify", files=files)
    told = answer.json()
    if answer.status_code == 200:
        codes = [note["code"] for note in told["notes"]]
        found = contract.verdict(codes)
        assert ("unknown" in codes) != told["assurance"]["known"]
        if row.id.startswith("I37"):  # noise, black, white: nothing that it could know
            assert "unknown" in codes
        contract.check_probabilities([item["probability"] for item in told["predictions"]])
        for note in told["notes"]:
            contract.check_sentence(note["message"])
    else:
        found = told["error"]["code"]
        contract.check_sentence(told["error"]["message"])
        assert told["error"]["request_id"] == answer.headers["x-request-id"]
    assert row.allows(found)
    assert answer.status_code == corpus.status_of(found)
    assert answer.headers["content-type"] == "application/json"


def probabilities(lightbox: Lightbox, content: bytes) -> dict[str, float]:
    answer = HTTP.post(f"{lightbox.url}/api/v1/classify", files={"image": ("a", content)})
    return {item["label"]: item["probability"] for item in answer.json()["predictions"]}


def test_a_turned_picture_is_answered_as_the_upright_one(lightbox: Lightbox) -> None:
    upright, *turned = (probabilities(lightbox, corpus.oriented(n, "PNG")) for n in range(1, 9))
    for found in turned:
        assert found == pytest.approx(upright, abs=TOLERANCE)


def test_the_same_picture_twice_gets_the_same_answer_twice(lightbox: Lightbox) -> None:
    files = [("images", (f"{n}.png", contract.GOOD)) for n in range(2)]
    answer = HTTP.post(f"{lightbox.url}/api/v1/classify/batch", files=files)
    first, second = answer.json()
    assert first["predictions"] == second["predictions"]
    assert first["request_id"] == second["request_id"] == answer.headers["x-request-id"]
