"""Pictures to try, each of them for the model that knows its kind."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from dashboard.core.settings import REPOSITORY
from dashboard.widget.upload import not_here

EXAMPLES = REPOSITORY / "assets" / "examples"
FOLDERS = {"digits": EXAMPLES, "cifar10": EXAMPLES / "cifar10"}
"""Shipped model → where the pictures for it lie."""

NAME_BUTTONS = """
() => document.querySelectorAll("[id^=examples-]").forEach((row) =>
    row.querySelectorAll("button").forEach((button, place) =>
        button.setAttribute("aria-label", `${row.innerText.trim()} ${place + 1}`)))
"""
"""Script that gives the buttons their names: to Gradio they are pictures without words."""


def example_paths(model: str) -> list[Path]:
    """Return the pictures for `model`, which may be none."""
    folder = FOLDERS.get(model)
    return sorted(folder.glob("*.[pj][np]g")) if folder else []


@cache
def example_hashes() -> frozenset[str]:
    """Return the SHA-256 of every picture there is to try."""
    paths = [path for model in FOLDERS for path in example_paths(model)]
    return frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)


def example_row(model: str, image: gr.Image, label: str) -> gr.Dataset:
    """Draw the pictures for `model`; a click gives the number of one.

    (Not `gr.Examples`: it would replace `image` by one that opens uploads in this process.)
    """
    samples = [[str(path)] for path in example_paths(model)]
    return gr.Dataset(
        label=label, components=[image], samples=samples, type="index", elem_id=f"examples-{model}"
    )


def picked(row: gr.Dataset, number: Any) -> str:
    """Return the path of a picture of `row`, among the uploads.

    Raises:
        NotFound: There is none of this number; a client may send anything (`upload_not_found`).
    """
    if type(number) is int and 0 <= number < len(row.samples):
        path: str = row.samples[number][0]["path"]
        return path
    raise not_here()
