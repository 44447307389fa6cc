"""Text from elsewhere inside Markdown."""

from __future__ import annotations


def escaped(text: str) -> str:
    """Return `text` so that Markdown shows it as it is."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+!|$~" else char for char in text)
