"""Which values of one field a sweep tries: the controls follow its kind and limits."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from dashboard.core.models.networks import network_labels
from dashboard.core.sweeps.fields import Field
from dashboard.ui.field_names import field_name
from dashboard.ui.text import t

_FACTORS = ("learning_rate", "weight_decay", "l2")  # what counts is how many times larger it is


def field_controls(field: Field, current: Any, ranges: bool) -> Any:
    """Draw the controls of a field and return what stands in the table `search`.

    Args:
        field: Which field.
        current: Its value in the recipe; what is proposed lies around it.
        ranges: Whether a number may have a range.
    """
    key = f"sweep-{field.name}-{current}"  # another value, other proposals
    with st.container(border=True):
        if not field.is_number:
            return _several(field, current, key)
        low, high = _around(field, current)
        if ranges and _is_range(field, key):
            return _range(field, low, high, key)
        middle = current if current not in (None, low, high) else None
        shown = [value for value in (low, middle, high) if value is not None]
        text = st.text_input(
            field_name(field.name),
            ", ".join(f"{value:g}" for value in shown),
            key=f"{key}-values",
            help=t("Several values, with commas between."),
        )
        return [_number(word) for word in re.split(r"[,;，；、\s]+", text) if word]


def _several(field: Field, current: Any, key: str) -> list[Any]:
    labels = network_labels() if field.name == "network" else {}
    options = list(dict.fromkeys([*field.choices, *labels, *([current] if current else [])]))
    return st.multiselect(
        field_name(field.name),
        options,
        default=[current] if current else None,
        format_func=lambda value: t(labels[value]) if value in labels else str(value),
        key=key,
        placeholder=t("none"),
    )


def _is_range(field: Field, key: str) -> bool:
    kinds = {"values": t("values"), "range": t("range")}
    chosen = st.segmented_control(
        field_name(field.name),
        list(kinds),
        default="range",
        required=True,
        format_func=kinds.__getitem__,
        key=f"{key}-kind",
        label_visibility="collapsed",
    )
    return bool(chosen == "range")


def _range(field: Field, low: float, high: float, key: str) -> dict[str, Any]:
    name = field_name(field.name)
    left, right = st.columns(2)
    shape: dict[str, Any] = {} if field.kind == "whole" else {"format": "%g", "step": low or 0.01}
    found = {
        "low": left.number_input(
            t("{field}, from", field=name), value=low, key=f"{key}-low", **shape
        ),
        "high": right.number_input(
            t("{field}, to", field=name), value=high, key=f"{key}-high", **shape
        ),
    }
    log = st.checkbox(
        t("each order of magnitude is as likely as another"),
        field.name in _FACTORS and low > 0,
        key=f"{key}-log",
    )
    return {**found, "log": True} if log else found


def _around(field: Field, current: Any) -> tuple[Any, Any]:
    """Return numbers below and above the current one, within the limits of the field."""
    least = field.low or 0
    most = field.high if field.high is not None else 1
    if not current:
        low, high = least, min(most, 10 if field.kind == "whole" else most / 2)
    elif field.name in _FACTORS:
        low, high = current / 10, min(current * 10, most)
    else:
        low, high = max(current / 2, least), min(current * 2, most)
    if field.kind == "whole":
        return int(low), max(int(high), int(low) + 1)
    return float(f"{low:.3g}"), float(f"{high:.3g}")


def _number(word: str) -> Any:
    """Read a number; what is none is passed on, for the sweep to name it."""
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word
