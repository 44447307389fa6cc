"""A handful of images, the same for everybody who opens the same address."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.sample import sample_ids
from dashboard.ui.text import t

_MOST = 2**31


def sample_seed() -> int:
    """Return the seed in the URL, or 0."""
    text = st.query_params.get("seed", "")
    return int(text) % _MOST if text.isdecimal() and len(text) < 12 else 0


def choose_images(dataset: Dataset, n: int) -> list[str]:
    """Draw the button for other images; return the ids of `n` images, or all there are.

    An image named in the URL comes first.
    """
    seed = sample_seed()
    if st.button(t("Other images"), icon=":material/casino:"):
        st.query_params["seed"] = str(seed + 1)
        st.query_params.pop("image", None)
        st.rerun()
    ids = sample_ids(dataset, n, seed)
    first = st.query_params.get("image", "")
    if (dataset.index["id"] == first).any():
        ids = [first, *(image_id for image_id in ids if image_id != first)][:n]
    return ids
