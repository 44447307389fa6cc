"""The controls that choose which images of a data set are shown, and in which order."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import SPLITS, Dataset
from dashboard.core.quality.catalog import FAULTS_BY_ID
from dashboard.core.quality.flags import load_flags
from dashboard.core.quality.selection import ANY_FLAG, MIXED, ORDERS, Selection, orders, sizes
from dashboard.ui.text import split_names, t
from dashboard.ui.url import url_select

_WIDTH_PX = 150  # two beside each other on a phone
_BOUND = {"class": None, "file": "", "falling": False}  # widgets that write the URL themselves
_PARAMS = ("split", "flag", "size", "sort")


def selection_form(dataset: Dataset) -> Selection:
    """Draw the controls and return the choice, which stands in the URL."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        selection = Selection(
            class_index=_class(dataset),
            split=_split(),
            flag=_flag(dataset),
            size=_size(dataset),
            text=st.text_input(
                t("File name"), type="search", key="file", bind="query-params", width=_WIDTH_PX,
                placeholder=t("any"),
            ).strip(),
            order=_order(dataset),
            falling=st.toggle(t("Largest first"), key="falling", bind="query-params"),
        )  # fmt: skip
        if selection != Selection():
            st.button(t("Clear"), icon=":material/filter_alt_off:", on_click=_clear)
    return selection


def _class(dataset: Dataset) -> int | None:
    chosen = st.selectbox(
        t("Class"), dataset.classes, index=None, placeholder=t("all classes"),
        key="class", bind="query-params", width=_WIDTH_PX,
    )  # fmt: skip
    return dataset.classes.index(chosen) if chosen else None


def _choice(label: str, options: dict[str, str], param: str, none: str) -> str | None:
    return url_select(label, options, param, None, placeholder=none, width=_WIDTH_PX)


def _split() -> str | None:
    names = split_names()
    return _choice(t("Split"), {split: names[split] for split in SPLITS}, "split", t("all splits"))


def _flag(dataset: Dataset) -> str | None:
    flags = load_flags(dataset)
    if flags is None:
        return st.query_params.get("flag")
    found = {item.id: t(FAULTS_BY_ID[item.id].label) for item in flags.faults if item.n}
    return _choice(t("Flag"), {ANY_FLAG: t("any flag"), **found}, "flag", t("flagged or not"))


def _size(dataset: Dataset) -> int | None:
    found = sizes(dataset)
    if len(found) > 1:
        options = {str(size): t("{low}–{high} px", low=size, high=2 * size - 1) for size in found}
        _choice(t("Shorter side"), options, "size", t("all sizes"))
    given = st.query_params.get("size", "")
    return int(given) if given.isdecimal() else None


def _order(dataset: Dataset) -> str:
    options = {order: t(ORDERS[order]) for order in orders(dataset)}
    return url_select(t("Order"), options, "sort", MIXED, width=_WIDTH_PX) or MIXED


def _clear() -> None:
    for param in _PARAMS:
        st.query_params.pop(param, None)
    for key, nothing in _BOUND.items():
        st.session_state[key] = nothing
