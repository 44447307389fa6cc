from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.api.models import router
from dashboard.core.errors import NotFound
from dashboard.core.models.card import Card, InputSpec, save_card
from dashboard.core.models.store import publish
from dashboard.core.settings import Settings


@pytest.fixture
def card(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Card:
    monkeypatch.setattr(Settings, "shipped_models", tmp_path / "none")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.keras").write_bytes(b"weights")
    card = Card(
        name="run",
        version="",
        classes=("猫", "dog"),
        input=InputSpec(height=8, width=8, channels=3),
        network="tiny",
        parameters=3,
    )
    save_card(card, tmp_path / "run")
    return publish(tmp_path / "run", "pets")


def test_cards(card: Card) -> None:
    app = FastAPI()
    app.include_router(router)
    http = TestClient(app)
    expected = card.model_dump(mode="json")
    assert http.get("/models").json() == [expected]
    assert http.get("/models/pets").json() == expected
    assert http.get("/models/pets", params={"version": card.version}).json() == expected
    with pytest.raises(NotFound, match="pets"):
        http.get("/models/cats")
