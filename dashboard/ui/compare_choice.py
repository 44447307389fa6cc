"""Which runs are compared: the choice stands in the URL, so that a link shows the same."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.core.errors import NotFound
from dashboard.core.evaluate.answers import is_tested
from dashboard.core.evaluate.compare import MAX_RUNS
from dashboard.core.evaluate.wording import letters
from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Run
from dashboard.ui.links import page_link
from dashboard.ui.run_view import STATUS, status_key
from dashboard.ui.text import literal, sentence, t
from dashboard.ui.url import url_choices

PARAM = "compare"
"""Parameter of the URL: ids with commas between; where it is there, runs are compared."""

_CLEARED = (PARAM, "against", "axis", "pair", "right", "differing", "image")


def comparing(runs: Sequence[Run]) -> bool:
    """Draw the choice between one run and several, and return whether it is several."""
    compares = PARAM in st.query_params
    if len(runs) < 2 and not compares:
        return False
    names = {False: t("One run"), True: t("Compare runs")}
    key = f"comparing-{compares}"

    def remember() -> None:
        if st.session_state[key]:
            st.query_params[PARAM] = ",".join(_suggested(runs))
        else:
            for name in _CLEARED:
                st.query_params.pop(name, None)

    st.segmented_control(
        t("View"), list(names), default=compares, format_func=names.__getitem__, required=True,
        label_visibility="collapsed", key=key, on_change=remember,
    )  # fmt: skip
    return compares


def choose_runs(runs: Sequence[Run]) -> list[Run]:
    """Draw the choice among the runs that can be compared, and return those that are chosen.

    Runs that the URL names are offered whatever has become of them.
    """
    named = [item for item in st.query_params.get(PARAM, "").split(",") if item]
    found = {run.id: run for run in runs if run.active or is_tested(run) or run.id in named}
    for run_id in named:
        if run_id not in found:
            try:
                found[run_id] = tracking.get_run(run_id)
            except NotFound as error:
                st.warning(literal(sentence(error)), icon=":material/search_off:")
    label = t("Runs to compare, two to {limit}", limit=MAX_RUNS)
    lines = {run.id: _line(run) for run in found.values()}
    chosen = url_choices(label, lines, PARAM, MAX_RUNS, t("Choose runs"))
    return [found[run_id] for run_id in chosen]


def who_is_who(runs: Sequence[Run]) -> None:
    """Draw the letter and the colour of each run, with a link to it."""
    theme = f"theme.{'dark' if st.context.theme.type == 'dark' else 'light'}"
    ground, colours = (
        st.get_option(f"{theme}.{name}") for name in ("backgroundColor", "chartCategoricalColors")
    )
    names = letters([run.id for run in runs])
    with st.container(horizontal=True):
        for run, colour in zip(runs, colours, strict=False):
            style = escape(f"background: {colour}; color: {ground}")
            chip = f'<span class="letter" style="{style}">{names[run.id]}</span>'
            with st.container(
                horizontal=True, vertical_alignment="center", gap="xsmall", width="content"
            ):
                st.html(chip, width="content")
                page_link("train", literal(f"{run.name} · {run.id[:6]}"), run=run.id)


def _suggested(runs: Sequence[Run]) -> list[str]:
    """Return the run that was looked at, and the newest other one of its data set."""
    shown = st.query_params.get("run", runs[0].id)
    first = next((run for run in runs if run.id == shown), runs[0])
    others = (
        run.id
        for run in runs
        if run.id != first.id
        and run.params["dataset"] == first.params["dataset"]
        and is_tested(run)
    )
    return [first.id, *[run_id for run_id in (next(others, None),) if run_id]]


def _line(run: Run) -> str:
    status = t(STATUS[status_key(run)][0])
    parts = [run.name, run.id[:6], status]
    if "test_accuracy" in run.metrics:
        parts.append(f"{run.metrics['test_accuracy']:.1%}")
    zone = ZoneInfo(st.context.timezone) if st.context.timezone else None
    parts.append(f"{datetime.datetime.fromtimestamp(run.started, zone):%m-%d %H:%M}")
    return " · ".join(parts)
