"""The states every page shares: failed, empty, busy."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.core.errors import LightboxError
from dashboard.core.log import report
from dashboard.ui.text import literal, sentence, t

_LOG = logging.getLogger(__name__)


@contextmanager
def guard() -> Iterator[None]:
    """Show what Lightbox raises on purpose as one plain sentence."""
    try:
        yield
    except LightboxError as error:
        st.error(literal(sentence(error)), icon=":material/error:")


def unexpected(error: Exception) -> bool:
    """Log an error under a short reference and show only that. Suppresses Streamlit's own box."""
    reference = report(_LOG, "page failed", error)
    st.error(
        t("Something failed on our side. Its reference is {reference}.", reference=reference),
        icon=":material/error:",
    )
    return True


def empty(message: str, icon: str = ":material/inbox:") -> None:
    """Say in place that there is nothing yet, and what to do."""
    st.info(message, icon=icon)
