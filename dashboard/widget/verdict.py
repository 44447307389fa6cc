"""What stands behind an answer, in words and pictures."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image

from dashboard.core.explain.overlay import overlay
from dashboard.core.serving.answers import Answer
from dashboard.core.serving.assurance import promise
from dashboard.widget.markdown import escaped

_OPACITY = 0.55

Translate = Callable[..., str]


def verdict(answer: Answer, t: Translate) -> str:
    """Return Markdown: what may be relied on, and what was done to the picture.

    Args:
        answer: Of the engine.
        t: Translates a template and fills its gaps.
    """
    notes = [*promise(answer.assurance), *answer.notes]
    return "\n\n".join(escaped(t(note.template, **note.values)) for note in notes)


def signature(answer: Answer, t: Translate) -> str:
    """Return Markdown: who answered, and how fast."""
    return t(
        "{model}, version {version}: {ms:.0f} ms",
        model=escaped(answer.model),
        version=answer.version,
        ms=answer.timing_ms["total"],
    )


def evidence(answer: Answer, t: Translate) -> list[tuple[Image.Image, str]]:
    """Return the nearest images known to the model, each with its class and how like it is."""
    nearest = answer.assurance.evidence if answer.assurance else ()
    return [
        (
            opened(item.image_png),
            t("{label}, {likeness:.0%} alike", label=item.label, likeness=item.likeness),
        )
        for item in nearest
    ]


def heat_map(answer: Answer) -> Image.Image | None:
    """Return the picture under its heat map, where one was asked for."""
    found = answer.explanation
    return found and opened(overlay(found.image_png, found.heatmap_png, _OPACITY))


def opened(png: bytes) -> Image.Image:
    """Return a picture that the engine wrote: never a visitor's file."""
    return Image.open(io.BytesIO(png))
