"""What holds of every answer to a picture nobody should send, whichever way it came."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.core.errors import LightboxError
from dashboard.core.images import decode
from dashboard.core.settings import REPOSITORY
from tests.server import HTTP, Lightbox

GOOD = (REPOSITORY / "assets" / "examples" / "7.png").read_bytes()
"""A seven."""

_INSIDE = re.compile(
    r"Traceback|File \"|site-packages|/tmp|/home|/work|\.py\b|PIL|Pillow|[Gg]radio|Streamlit"
    r"|Exception|errno|0x[0-9a-f]{6}",
)


def check_sentence(text: str) -> None:
    """Assert that `text` is plain: whole sentences, nothing of the inside of the machine."""
    assert re.fullmatch(r"[A-Z“].{15,300}\.", text, re.DOTALL), text
    assert not _INSIDE.search(text), text


def sentences(content: bytes) -> tuple[str, list[str]]:
    """What the decoder says: its error, empty if there is none, and its notes."""
    try:
        notes = decode(content).notes
    except LightboxError as error:
        return str(error), []
    return "", [note.template.format(**note.values) for note in notes]


def verdict(codes: list[str]) -> str:
    """What the notes of an answer say of the picture; what they say of the answer is left out."""
    kept = [code for code in codes if code not in ("unknown", "trained_on")]
    return f"note:{kept[0]}" if kept else "ok"


def check_probabilities(values: list[float]) -> None:
    """Assert that `values` are probabilities of some classes of one task."""
    assert values
    assert all(math.isfinite(value) and 0 <= value <= 1 for value in values)
    assert sum(values) <= 1 + 1e-3


@contextmanager
def survived(lightbox: Lightbox) -> Iterator[None]:
    """Assert that the same engine lives on, answers right, and kept nothing."""
    engine, kept = lightbox.engine_pid, lightbox.kept()
    yield
    answer = HTTP.post(f"{lightbox.url}/api/v1/classify", files={"image": ("7.png", GOOD)})
    assert answer.json()["predictions"][0]["label"] == "7"
    assert lightbox.engine_pid == engine
    assert lightbox.kept() == kept
    assert lightbox.temporary_files() == []
