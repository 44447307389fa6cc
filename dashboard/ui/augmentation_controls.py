"""Choosing augmentations and their strengths; the choice stands in the URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.core.data.augmentation.base import Augmentation
from dashboard.core.data.augmentation.catalog import AUGMENTATIONS
from dashboard.ui.text import t

PARAM = "augment"
"""Name in the URL; its value is `id:strength,id:strength`."""

_FIRST = 0.2
"""Strength of one that was just chosen, as a fraction of its maximum."""

_CATALOGUE = {entry.id: entry for entry in AUGMENTATIONS}
_CHOSEN = "augment-chosen"


def augmentation_controls(
    channels: int, default: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Draw the controls and return id → strength, without those of strength 0.

    Args:
        channels: Of the images; what does not apply to them is not offered.
        default: Chosen where the URL says nothing.
    """
    possible = {entry.id: entry for entry in AUGMENTATIONS if entry.supports(channels)}
    text = st.query_params.get(PARAM)
    given = (default or {}) if text is None else _read(text)
    strengths = {name: value for name, value in given.items() if name in possible}

    def remember() -> None:
        chosen = {
            name: st.session_state.get(_key(name), _FIRST * possible[name].maximum)
            for name in st.session_state[_CHOSEN]
        }
        st.query_params[PARAM] = as_text(chosen)

    # The URL decides, also when it was changed by a link or the back button.
    st.session_state[_CHOSEN] = list(strengths)
    st.multiselect(
        t("Augmentations"),
        list(possible),
        format_func=lambda name: t(possible[name].label),
        key=_CHOSEN,
        placeholder=t("none"),
        select_all=False,
        wrap=True,
        on_change=remember,
    )
    if len(possible) < len(AUGMENTATIONS):
        st.caption(t("What changes colours is not offered: the images are grey."))
    for name, strength in strengths.items():
        st.session_state[_key(name)] = strength
        _slider(possible[name], remember)
    return {name: strength for name, strength in strengths.items() if strength}


def as_text(strengths: Mapping[str, float]) -> str:
    """Return the form in which strengths stand in the URL."""
    return ",".join(f"{name}:{strength:g}" for name, strength in strengths.items())


def _slider(entry: Augmentation, remember: Callable[[], None]) -> None:
    st.slider(
        t(entry.label),
        0.0,
        entry.maximum,
        step=0.01,
        key=_key(entry.id),
        help=t(entry.description),
        on_change=remember,
    )


def _read(text: str) -> dict[str, float]:
    """Read what `as_text` wrote; what is no augmentation, or out of range, is passed over."""
    strengths = {}
    for part in text.split(","):
        name, _, value = part.partition(":")
        try:
            strength = float(value)
        except ValueError:
            continue
        if name in _CATALOGUE and 0 <= strength <= _CATALOGUE[name].maximum:
            strengths[name] = strength
    return strengths


def _key(name: str) -> str:
    return f"augment-{name}"
