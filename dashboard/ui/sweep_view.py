"""One sweep, live: how far it is, what its runs reached, what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.errors import LightboxError
from dashboard.core.sweeps import store
from dashboard.core.sweeps.estimate import left_s
from dashboard.core.sweeps.store import StoredSweep
from dashboard.core.sweeps.sweep import METHODS, Sweep
from dashboard.core.sweeps.trials import LABELS, Trial, trials_of
from dashboard.core.text import mark
from dashboard.ui import links, panels
from dashboard.ui.access import may_change
from dashboard.ui.confirm import confirm_button
from dashboard.ui.run_progress import duration_text
from dashboard.ui.sweep_results import sweep_results
from dashboard.ui.text import literal, sentence, t
from dashboard.ui.url import url_select

_REFRESH_S = 1.0

_STATUS = {
    "running": (mark("running"), "blue", ":material/play_circle:"),
    "stopping": (mark("stopping"), "orange", ":material/stop_circle:"),
    "stopped": (mark("stopped"), "orange", ":material/stop_circle:"),
    "finished": (mark("finished"), "green", ":material/check_circle:"),
    "failed": (mark("failed"), "red", ":material/error:"),
}


def choose_sweep(sweeps: Sequence[StoredSweep]) -> str | None:
    """Draw the chooser of a sweep and return the id in the URL, also where it is unknown."""
    lines = {
        stored.id: f"{stored.name} · {t(_STATUS[stored.status][0])}"
        for stored in sweeps
    }  # fmt: skip
    return url_select(
        t("Sweeps"), lines, "sweep", None, clears=("run",), placeholder=t("Choose a sweep")
    )


def sweep_view(sweep_id: str) -> None:
    """Draw a sweep; while it is active, redraw it by itself."""
    status = store.get(sweep_id).status

    @st.fragment(run_every=_REFRESH_S if status in store.ACTIVE else None)
    def live() -> None:
        with panels.guard():
            stored = store.get(sweep_id)
            if stored.status != status:
                st.rerun()  # the list shows the status too
            _draw(stored)

    live()


def _draw(stored: StoredSweep) -> None:
    label, colour, icon = _STATUS[stored.status]
    title, badge, action = st.columns([5, 2, 4], vertical_alignment="center")
    title.subheader(literal(stored.name), anchor=False)
    badge.badge(t(label), color=colour, icon=icon)
    if may_change():
        with action:
            _actions(stored)
    if stored.error:
        error = LightboxError.from_json(stored.error)
        st.error(literal(sentence(error)), icon=":material/error:")
        return
    sweep, trials = stored.sweep, trials_of(stored.id)
    _progress(stored, sweep, trials)
    sweep_results(sweep, trials, stored.active)
    with st.expander(t("This sweep as a file")):
        st.code(stored.text, language="toml")
        st.download_button(
            t("Download the sweep"), stored.text, f"sweep-{stored.id}.toml",
            icon=":material/download:",
        )  # fmt: skip


def _actions(stored: StoredSweep) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        if stored.status == "stopping":
            st.caption(t("stopping the run that trains …"))
        elif stored.active:
            confirm_button(
                t("Stop"),
                t("The run that trains is stopped, tested and kept; no more are started."),
                lambda: store.stop(stored.id), "stop", "stop-sweep",
            )  # fmt: skip
        if stored.active:
            return
        if stored.status != "finished" and st.button(t("Go on"), icon=":material/play_arrow:"):
            with panels.guard():
                store.resume(stored.id)
                st.rerun()
        confirm_button(
            t("Delete"),
            t("The sweep leaves the list; its runs stay."),
            lambda: _delete(stored.id), "delete", "delete-sweep",
        )  # fmt: skip


def _delete(sweep_id: str) -> None:
    store.delete(sweep_id)
    st.query_params.pop("sweep", None)


def _progress(stored: StoredSweep, sweep: Sweep, trials: list[Trial]) -> None:
    counts = {state: sum(trial.state == state for trial in trials) for state in LABELS}
    ended = sum(not trial.open for trial in trials)
    method = next(t(entry.label) for entry in METHODS if entry.id == sweep.method)
    parts = [method, t("{n} of {total} runs have ended", n=ended, total=sweep.trials)]
    parts += [
        f"{t(LABELS[state])}: {counts[state]}"
        for state in ("pruned", "stopped", "failed")
        if counts[state]
    ]
    seconds = left_s(sweep, trials)
    if stored.active and seconds:
        parts.append(t("about {time} left", time=duration_text(seconds)))
    if stored.active:
        st.progress(ended / sweep.trials, " · ".join(parts))
        _now(trials)
    else:
        st.caption(" · ".join(parts))


def _now(trials: list[Trial]) -> None:
    for trial in trials:
        if trial.state == "paused" and trial.open:
            st.warning(
                t("Run {n} is paused, and the sweep waits: resume or delete it.", n=trial.number),
                icon=":material/pause_circle:",
            )
        if trial.open:
            label = t("Run {n}: {what}", n=trial.number, what=t(LABELS[trial.state]))
            links.page_link("train", label, "monitoring", run=trial.run.id)
