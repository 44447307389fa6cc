"""Handing in a picture over HTTP, to a real Lightbox."""

from __future__ import annotations

import json

import httpx
import pytest

from dashboard.core.settings import REPOSITORY
from tests.server import HTTP, Lightbox

SEVEN = (REPOSITORY / "assets" / "examples" / "7.png").read_bytes()


def post(lightbox: Lightbox, origin: str = "", **fields: str) -> httpx.Response:
    headers = {"Origin": origin} if origin else {}
    return HTTP.post(
        f"{lightbox.url}/api/v1/feedback", files={"image": ("my face.png", SEVEN)},
        data={"model": "digits", "label": "1", "consent": "true", **fields}, headers=headers,
    )  # fmt: skip


def test_a_picture_waits_with_what_the_model_says_of_it(lightbox: Lightbox) -> None:
    response = post(lightbox)
    assert response.status_code == 201, response.text
    given = response.json()
    assert (given["model"], given["answer"], given["label"]) == ("digits", "7", "1")
    folder = lightbox.home / "feedback" / given["id"]
    assert {path.name for path in folder.iterdir()} == {"item.json", "picture.png"}
    kept = json.loads((folder / "item.json").read_text())
    assert set(kept) == {"id", "model", "version", "answer", "label", "created", "accepted"}
    assert "face" not in (folder / "item.json").read_text()
    assert post(lightbox).json()["id"] == given["id"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"consent": "false"}, 422, "consent_missing"),
        ({"consent": ""}, 422, None),
        ({"label": "cat"}, 422, "class_not_found"),
        ({"model": "../digits"}, 404, "model_not_found"),
        ({"origin": "http://evil.example"}, 403, "foreign_origin"),
    ],
)
def test_refusals(lightbox: Lightbox, fields: dict[str, str], status: int, code: str) -> None:
    response = post(lightbox, **fields)
    assert response.status_code == status
    if code:
        assert response.json()["error"]["code"] == code
