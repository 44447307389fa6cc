from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.api.app import create_api
from dashboard.core.models.store import get_model
from dashboard.core.settings import REPOSITORY, settings
from tests.core.models.foreign import hostile

URL = "http://127.0.0.1:8501/v1/models"
DIGITS = REPOSITORY / "models" / "digits" / "model.keras"
EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with TestClient(create_api()) as found:
        yield found


def post(client: TestClient, model: Path, classes: str = "\n".join("0123456789"), **fields: str):
    files = {"model": ("My model.keras", model.read_bytes()), "picture": EXAMPLE.read_bytes()}
    return client.post(URL, files=files, data={"classes": classes, **fields})


def test_a_model_is_published_and_answers(client: TestClient) -> None:
    response = post(client, DIGITS)
    assert response.status_code == 201
    made = response.json()
    assert (made["card"]["name"], made["range"], made["guessed"]) == ("My-model", "0..255", False)
    assert made["card"]["origin"]["source"] == "My_model.keras"
    assert made["answers"]["0..255"][0]["label"] == "7"
    assert set(made["answers"]) == {"0..255", "0..1", "-1..1"}  # it takes grey images
    assert get_model("My-model").has_valid_export()
    listed = client.get(URL).json()
    assert "My-model" in [card["name"] for card in listed]


def test_what_is_wrong_is_said_with_its_status(client: TestClient, tmp_path: Path) -> None:
    bad = hostile.with_layer(
        DIGITS, tmp_path / "bad.keras", module="os", class_name="system", config={}
    )
    refused = post(client, bad)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unsafe_model")
    refused = post(client, DIGITS, "one\ntwo")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "labels_mismatch")
    refused = post(client, DIGITS, range="0..100")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_range")
    refused = post(client, DIGITS, name="../up")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_model_name")


def test_a_demo_and_a_stranger_change_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"model": ("m.keras", b"")}
    foreign = client.post(
        URL, files=files, data={"classes": "a"}, headers={"Origin": "http://evil.example"}
    )
    assert foreign.json()["error"]["code"] == "foreign_origin"
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    refused = post(client, DIGITS)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "demo")
