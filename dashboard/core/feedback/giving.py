"""“This is wrong, it is …”: a visitor hands in a picture with its right class."""

from __future__ import annotations

from dashboard.core.errors import Forbidden, InvalidInput
from dashboard.core.feedback.store import Item, keep
from dashboard.core.models.store import get_model
from dashboard.core.serving.client import engine
from dashboard.core.settings import settings
from dashboard.core.text import mark

MAX_SIDE = 1024
"""Longest side that is kept, in pixels: more than any network here looks at."""


def what_is_kept() -> str:
    """Return the sentence that tells visitors what becomes of their uploads, for `t`."""
    if settings().feedback:
        return mark("Nothing you upload is kept, unless you hand it in for training.")
    return mark("Nothing you upload is kept.")


def give(
    content: bytes,
    model: str,
    version: str,
    answer: str,
    label: str,
    consent: bool,
) -> Item:
    """Keep a picture for review, and return what is kept of it.

    The picture is decoded in the engine and written anew as a PNG, so neither the original bytes
    nor their metadata are kept. The same picture is kept once, with the class it came with first.

    Args:
        content: The file, as uploaded.
        model: Name of the model that answered.
        version: Its version.
        answer: The class it answered.
        label: The right class, one of the model's.
        consent: Whether the visitor agrees that the picture is kept and learned from.

    Raises:
        Forbidden: Feedback is switched off (`feedback_off`).
        InvalidInput: `consent_missing`, or `class_not_found`.
        NotFound: There is no such model.
        Unavailable: The queue is full (`feedback_full`), or the engine is busy.
        LightboxError: The picture cannot be used, or the disk is full.
    """
    check_on()
    if not consent:
        raise InvalidInput(
            "A picture is only kept if you agree that it is stored and used for training.",
            code="consent_missing",
        )
    classes = get_model(model).card.classes
    for name in (answer, label):
        if name not in classes:
            raise InvalidInput(
                "The model “{model}” has no class “{name}”. Choose one of: {choices}.",
                code="class_not_found",
                model=model,
                name=name[:80],
                choices=", ".join(classes[:20])[:400],
            )
    picture = engine().copy(content, MAX_SIDE)
    return keep(picture, model, version, answer, label)


def check_on() -> None:
    """Raise `Forbidden` where feedback is switched off."""
    if not settings().feedback:
        raise Forbidden("Feedback is switched off here.", code="feedback_off")
