"""What can be done with a run now: pause, stop, resume, move in the queue, delete."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.core.runs import control, queue
from dashboard.core.runs.tracking import Run
from dashboard.ui import panels
from dashboard.ui.confirm import confirm_button
from dashboard.ui.recipe_start import start_from
from dashboard.ui.text import t


def run_actions(run: Run) -> None:
    """Draw the buttons that fit the state of `run`."""
    asked = run.tags.get("control")
    if run.active and asked:
        st.caption(t("stopping after this batch …") if asked == "stop" else t("pausing …"))
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            "", icon=":material/content_copy:", key="clone", on_click=start_from, args=(run,),
            help=t("Clone with changes: the form above begins with this recipe"),
        ):  # fmt: skip
            st.rerun()
        if run.status == "SCHEDULED":
            _button("arrow_upward", t("Start earlier"), lambda: queue.move(run.id, True))
            _button("arrow_downward", t("Start later"), lambda: queue.move(run.id, False))
        if run.status == "RUNNING":
            _button(
                "pause", t("Pause: it can go on from this batch"), lambda: control.pause(run.id)
            )
        if run.active:
            confirm_button(
                t("Stop"),
                t("What it has learned so far is tested and kept."),
                lambda: control.stop(run.id),
                "stop",
                "stop",
            )
            return
        if control.resumable(run) and st.button(
            t("Resume"), icon=":material/play_arrow:", help=t("It goes on from where it stood.")
        ):
            with panels.guard():
                control.resume(run.id)
                st.rerun()
        confirm_button(
            t("Delete"),
            t("The run leaves the list. A model published from it stays."),
            lambda: _delete(run),
            "delete",
            "delete",
        )


def _button(icon: str, help: str, act: Callable[[], None]) -> None:
    if st.button("", icon=f":material/{icon}:", help=help, key=icon):
        with panels.guard():
            act()
            st.rerun()


def _delete(run: Run) -> None:
    control.delete(run.id)
    st.query_params.pop("run", None)
