"""`GET /models` and `GET /models/{name}`."""

from __future__ import annotations

from fastapi import APIRouter

from dashboard.core.models.card import Card
from dashboard.core.models.store import get_model, list_models

router = APIRouter(tags=["models"])


# Plain functions: FastAPI runs them in a thread, since they read files.
@router.get("/models")
def models() -> list[Card]:
    """List the cards of all published models, by name."""
    return list_models()


@router.get("/models/{name}")
def model(name: str, version: str | None = None) -> Card:
    """Return the card of one model, of its current version unless another is named."""
    return get_model(name, version).card
