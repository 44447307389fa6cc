"""Data sets in pages: loading them once, showing one image large."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset, list_datasets
from dashboard.ui import links
from dashboard.ui.text import literal, t

EMBEDDED = "digits"


@st.cache_resource(max_entries=4, show_spinner=False)
def _load(name: str, version: str) -> Dataset:
    return get_dataset(name, version)


def load_dataset(name: str) -> Dataset:
    """Return the current version of a data set; its index is kept between reruns."""
    return _load(name, get_dataset(name).version)


def choose_dataset(preferred: str = EMBEDDED, help: str | None = None) -> str | None:
    """Draw the chooser of a data set and return its name; the choice stands in the URL.

    Args:
        preferred: Chosen where the URL names none.
        help: Shown on request.
    """
    names = [dataset.name for dataset in list_datasets()]
    return st.selectbox(
        t("Data set"),
        names,
        index=names.index(preferred) if preferred in names else 0,
        key="dataset",
        bind="query-params",
        help=help,
    )


def image_dialog(dataset: Dataset, image_id: str) -> None:
    """Show one image with what is known about it, and the way to its explanation."""

    @st.dialog(t("Image"))
    def dialog() -> None:
        row = dataset.row(image_id)
        st.image(str(dataset.image_path(image_id)), width=max(256, min(row["width"], 640)))
        st.table(
            {
                t("class"): literal(dataset.label(row["labels"])),
                t("split"): row["split"],
                t("size"): f"{row['width']} × {row['height']}",
                t("file"): literal(row["source"]),
            },
        )
        links.page_link(
            "explain",
            t("Explain this image"),
            "frame_inspect",
            dataset=dataset.name,
            image=image_id,
        )

    dialog()
