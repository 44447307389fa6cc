"""A grid of thumbnails that are loaded by the browser as they scroll into view, and picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import quote

import pandas as pd
import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.settings import REPOSITORY

_TICKED_PX = 96  # room for the box

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


def dropped_url(dataset: Dataset) -> str:
    """Address of the table of files that an import left out."""
    return f"/api/v1/datasets/{quote(dataset.name)}/dropped.csv?v={dataset.version}"


def tiles(
    dataset: Dataset, rows: pd.DataFrame, captions: Mapping[str, str] | None = None
) -> list[Tile]:
    """Return the tiles of some rows of the data set's index.

    Args:
        dataset: Whose rows.
        rows: Which of them.
        captions: Image id → what to write under it; the label of those it does not name.
    """
    captions = captions or {}
    return [
        Tile(
            row.id,
            image_url(dataset, row.id, thumb=True),
            captions.get(row.id) or dataset.label(row.labels),
        )
        for row in rows.itertuples()
    ]


def page_of(rows: pd.DataFrame, page: int, per_page: int) -> pd.DataFrame:
    """Return one page of `rows`, counted from 1, the classes mixed.

    Ids are hashes of the content, so their order is random and yet the same every time.
    """
    return rows.sort_values("id").iloc[(page - 1) * per_page : page * per_page]


def gallery(items: Sequence[Tile], key: str, selected: str = "", tile_px: int = 84) -> str | None:
    """Draw the grid and return the id of the picture that was just clicked, if any.

    Args:
        items: What to show.
        key: Distinguishes several galleries on a page.
        selected: Id of the picture to mark.
        tile_px: Smallest width of a picture; they grow to fill the row.
    """
    data = {"items": [asdict(item) for item in items], "selected": selected, "tile_px": tile_px}
    return _component(key=key, data=data, on_picked_change=lambda: None).picked


def tick_gallery(items: Sequence[Tile], key: str) -> tuple[str | None, list[str]]:
    """Draw the grid with a box to tick on every picture.

    Returns:
        What `gallery` returns, and the ids of all pictures ticked so far, shown now or not.
    """
    checked = list(st.session_state.get(key, {}).get("checked", ()))
    data = {"items": [asdict(item) for item in items], "tile_px": _TICKED_PX, "checked": checked}
    result = _component(
        key=key,
        data=data,
        on_picked_change=lambda: None,
        on_checked_change=lambda: None,
        default={"checked": checked},
    )
    return result.picked, list(result.checked)
