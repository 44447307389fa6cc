"""Publishing the model of a run, never over another one without asking."""

from __future__ import annotations

import streamlit as st

from dashboard.core.models.store import list_models
from dashboard.core.runs.tracking import Run
from dashboard.core.training.jobs import publish_run
from dashboard.ui import links, panels
from dashboard.ui.free_name import free_name
from dashboard.ui.text import literal, t

_DONE = "published"


def publish_form(run: Run) -> None:
    """Draw the form, and after it the ways to use the model."""
    names = {card.name for card in list_models()}
    with st.form("publish", border=True):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        name = left.text_input(
            t("Publish as"),
            free_name(run.params.get("dataset", "model"), names),
            max_chars=60,
            key=f"publish-{run.id}",
            help=t("A published model can be chosen in Explain and Classify."),
        )
        pressed = right.form_submit_button(t("Publish"), type="primary", icon=":material/publish:")
    with panels.guard():
        if pressed and name in names:
            _ask(run, name)
        elif pressed:
            st.session_state[_DONE] = (run.id, publish_run(run.id, name).name)
    run_id, published = st.session_state.get(_DONE, ("", ""))
    if run_id == run.id:
        _links(published)


def _ask(run: Run, name: str) -> None:
    @st.dialog(t("Replace the model?"))
    def dialog() -> None:
        st.write(
            t(
                "There is a model “{name}” already. Explain and Classify would use the new one "
                "from now on; the old version is kept on disk.",
                name=literal(name),
            )
        )
        if st.button(t("Replace"), type="primary"):
            with panels.guard():
                st.session_state[_DONE] = (run.id, publish_run(run.id, name).name)
                st.rerun()

    dialog()


def _links(name: str) -> None:
    st.success(t("Published as {name}.", name=literal(name)), icon=":material/check:")
    left, right = st.columns(2)
    with left:
        links.page_link("explain", t("See why it decides"), "frame_inspect", model=name)
    with right:
        links.page_link("classify", t("Classify an image"), "image_search", model=name)
