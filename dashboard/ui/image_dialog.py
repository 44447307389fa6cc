"""One image, large: what is known about it, what is wrong with it, what is like it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality.embedding import neighbours
from dashboard.core.quality.flags import load_flags
from dashboard.core.quality.results import checked_version
from dashboard.core.tasks import spans
from dashboard.ui import links, panels
from dashboard.ui.data import may_edit
from dashboard.ui.gallery import gallery, tiles
from dashboard.ui.image_actions import image_actions
from dashboard.ui.image_flags import image_flags
from dashboard.ui.shown_image import hide_image, show_image, shown_image
from dashboard.ui.text import literal, split_names, t

_TINY_PX = 48  # narrower images are shown as the squares they are


def image_dialog(dataset: Dataset, rows: np.ndarray) -> None:
    """Show the image that the URL names; the buttons beside it lead through `rows`."""

    @st.dialog(t("Image"), width="large", on_dismiss=hide_image)
    def dialog() -> None:
        with panels.guard():
            _image(dataset, shown_image(), rows)

    dialog()


def _image(dataset: Dataset, image_id: str, rows: np.ndarray) -> None:
    position = dataset.position(image_id)
    left, right = st.columns(2, gap="large")
    with left:
        width = int(dataset.index["width"].iloc[position])
        with st.container(key="pixels" if width < _TINY_PX else "picture"):
            st.image(str(dataset.image_path(image_id)), width=max(320, min(width, 600)))
        _steps(dataset, position, rows)
        links.page_link(
            "explain",
            t("Explain this image"),
            "frame_inspect",
            dataset=dataset.name,
            image=image_id,
        )
    with right:
        st.table(_details(dataset, image_id))
        image_flags(dataset, image_id)
        if may_edit(dataset):
            image_actions(dataset, image_id)
    _neighbours(dataset, image_id)


def _steps(dataset: Dataset, position: int, rows: np.ndarray) -> None:
    place = np.flatnonzero(rows == position)
    if not len(place):
        return
    ids, at = dataset.index["id"], int(place[0])
    before = ids.iloc[rows[at - 1]] if at else None
    after = ids.iloc[rows[at + 1]] if at + 1 < len(rows) else None
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, icon, target, shortcut in (
            (t("Previous"), "chevron_left", before, "Left"),
            (t("Next"), "chevron_right", after, "Right"),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                disabled=target is None,
                on_click=show_image,
                args=(target,),
                shortcut=shortcut,
            )
        st.caption(t("{place} of {n}", place=f"{at + 1:,}", n=f"{len(rows):,}"))


def _details(dataset: Dataset, image_id: str) -> dict[str, str]:
    row = dataset.row(image_id)
    details = {
        **_classes(dataset, row["labels"]),
        t("split"): split_names()[row["split"]],
        t("file"): literal(row["source"]),
        t("size"): f"{row['width']} × {row['height']}",
        t("colour mode"): literal(str(row["mode"])),
    }
    if "bytes" in row:  # data sets imported before it was kept lack it and what follows
        details[t("file format")] = literal(str(row["format"]))
        details[t("file size")] = t("{kb} KB", kb=f"{row['bytes'] / 1000:,.1f}")
        details[t("brightness")] = f"{row['brightness']:.0f}"
        details[t("contrast")] = f"{row['contrast']:.0f}"
        details[t("sharpness")] = f"{row['sharpness']:.0f}"
    return {**details, **_scores(dataset, image_id), t("id"): literal(image_id)}


def _classes(dataset: Dataset, labels: Sequence[int]) -> dict[str, str]:
    """Return each task, or the word for a class if there is only one → the classes of an image."""
    return {
        literal(task.name) or t("class"): literal(
            dataset.label([index for index in labels if span.start <= index < span.stop])
        )
        for task, span in zip(dataset.tasks, spans(dataset.tasks), strict=True)
    }


def _scores(dataset: Dataset, image_id: str) -> dict[str, str]:
    flags = load_flags(dataset)
    if flags is None:
        return {}
    row = flags.scores.iloc[dataset.position(image_id)].to_dict()
    found = {}
    if row.get("uniqueness", np.nan) >= 0:
        found[t("uniqueness")] = f"{row['uniqueness']:.2f}"
    if row.get("suggested", -1) >= 0:
        found[t("doubt of the label")] = f"{row['suspicion']:.2f}"
    return found


def _neighbours(dataset: Dataset, image_id: str) -> None:
    st.subheader(t("Most like it"), anchor=False)
    if checked_version(dataset) is None:
        panels.empty(
            t("Images like this one are found by the quality check. Start it under Quality.")
        )
        return
    rows = dataset.index.iloc[dataset.positions(neighbours(dataset, image_id)["id"])]
    picked = gallery(tiles(dataset, rows), key="neighbours", tile_px=72)
    if picked:
        show_image(picked)
        st.rerun(scope="fragment")
