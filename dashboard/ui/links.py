"""The pages and the links between them. A link carries what reproduces the view."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dashboard.core.settings import REPOSITORY
from dashboard.ui.text import in_link, t

_PAGES = REPOSITORY / "dashboard" / "pages"


def pages() -> dict[str, st.Page]:
    """File stem → page, in the order of the four steps."""

    def page(stem: str, title: str, icon: str, url_path: str | None = None) -> st.Page:
        return st.Page(
            _PAGES / f"{stem}.py",
            title=title,
            icon=f":material/{icon}:",
            url_path=url_path or stem,
            default=stem == "home",
        )

    return {
        "home": page("home", t("Home"), "home"),
        "explore": page("explore", t("Explore"), "photo_library"),
        "train": page("train", t("Train"), "model_training"),
        "explain": page("explain", t("Explain"), "frame_inspect"),
        # /classify is the widget itself, so the page that embeds it needs another address.
        "classify": page("classify", t("Classify"), "image_search", "upload"),
    }


def page_link(stem: str, label: str, icon: str | None = None, **params: str) -> None:
    """Draw a link to a page with its parameters."""
    st.page_link(
        pages()[stem],
        label=label,
        icon=f":material/{icon}:" if icon else None,
        query_params=in_link(**params),
    )


def page_address(stem: str, **params: str) -> str:
    """Return the address of a page with its parameters, for where no link can be drawn."""
    return f"/{stem}?{urlencode(in_link(**params))}"
