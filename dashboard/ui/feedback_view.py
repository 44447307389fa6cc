"""Pictures that visitors handed in: looked at one by one, then added to the training images."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.feedback.learning import about, learn
from dashboard.core.feedback.store import Item, accept, discard, put_back
from dashboard.ui import panels
from dashboard.ui.change_button import change_button
from dashboard.ui.confirm import confirm_button
from dashboard.ui.data import may_edit
from dashboard.ui.text import literal, t
from dashboard.ui.url import url_page

_PER_PAGE = 12


def feedback_view(dataset: Dataset) -> None:
    """Draw the queue of what is of a class of `dataset`, the undecided first."""
    st.caption(
        t(
            "Pictures that visitors called wrongly answered and agreed to hand in. Take those "
            "whose class is right; they become training images, never test images."
        )
    )
    items = sorted(about(dataset), key=lambda item: item.accepted)
    if not items:
        panels.empty(t("Nothing waits to be looked at."), ":material/inbox:")
        return
    accepted = [item for item in items if item.accepted]
    if may_edit(dataset):
        change_button(
            t("Add the accepted ones: {n}", n=len(accepted)), dataset,
            lambda why: learn(dataset, accepted, why), reason=t("feedback of visitors"),
            icon="library_add", key="learn", disabled=not accepted,
        )  # fmt: skip
    n_pages = -(-len(items) // _PER_PAGE)
    page = url_page(n_pages, "waiting", dataset.name) if n_pages > 1 else 1
    for item in items[(page - 1) * _PER_PAGE : page * _PER_PAGE]:
        with st.container(border=True):
            _item(dataset, item)


def _item(dataset: Dataset, item: Item) -> None:
    picture, words = st.columns([1, 4], vertical_alignment="center")
    picture.image(str(item.picture), width=120)
    with words:
        st.markdown(
            t("{model} answered **{answer}**; the visitor says **{label}**.",
              model=literal(item.model), answer=literal(item.answer), label=literal(item.label))
        )  # fmt: skip
        st.caption(t("Model version {version} · {date}", version=item.version, date=item.created))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if item.accepted:
                st.badge(t("accepted"), icon=":material/check:", color="green")
                _button(t("Take back"), "undo", item, partial(put_back, item.id))
            else:
                label = st.selectbox(
                    t("Class"), dataset.classes, dataset.classes.index(item.label),
                    key=f"class-{item.id}", width=200,
                )  # fmt: skip
                _button(t("Accept"), "check", item, partial(accept, item.id, label))
                confirm_button(
                    t("Discard"), t("The picture is removed for good."),
                    partial(discard, item.id), "delete", f"discard-{item.id}",
                )  # fmt: skip


def _button(label: str, icon: str, item: Item, act: Callable[[], object]) -> None:
    if st.button(label, icon=f":material/{icon}:", key=f"{icon}-{item.id}"):
        with panels.guard():
            act()
            st.rerun()
