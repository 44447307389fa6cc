"""A grid of thumbnails that are loaded by the browser as they scroll into view, and picked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import quote

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.settings import REPOSITORY

_FOLDER = REPOSITORY / "assets" / "gallery"
_component = st.components.v2.component(
    "lightbox.gallery",
    css=(_FOLDER / "gallery.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "gallery.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Tile:
    """One picture: its id, address, and what is written under it and read out for it."""

    id: str
    src: str
    label: str


def image_url(dataset: Dataset, image_id: str, thumb: bool = False) -> str:
    """Address of an image of a data set, cacheable for ever because it names the version."""
    path = f"/api/v1/datasets/{quote(dataset.name)}/images/{quote(image_id)}"
    return f"{path}{'/thumb' if thumb else ''}?v={dataset.version}"


def tiles(dataset: Dataset, rows: Sequence[tuple[str, int]]) -> list[Tile]:
    """Return the tiles of `(image id, class index)` rows."""
    return [
        Tile(image_id, image_url(dataset, image_id, thumb=True), dataset.classes[label])
        for image_id, label in rows
    ]


def gallery(items: Sequence[Tile], key: str, selected: str = "") -> str | None:
    """Draw the grid and return the id of the picture that was just clicked, if any.

    Args:
        items: What to show.
        key: Distinguishes several galleries on a page.
        selected: Id of the picture to mark.
    """
    result = _component(
        key=key,
        data={"items": [asdict(item) for item in items], "selected": selected},
        on_picked_change=lambda: None,
    )
    return result.picked
