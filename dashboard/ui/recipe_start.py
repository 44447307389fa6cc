"""What the form of a recipe begins with: the defaults, a preset, or the recipe of a run."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.store import list_datasets
from dashboard.core.runs.tracking import Run
from dashboard.core.training.recipe import Recipe, parse_toml, presets, recipe_text
from dashboard.ui import panels
from dashboard.ui.augmentation_controls import PARAM
from dashboard.ui.data import look_at_dataset
from dashboard.ui.text import literal, t
from dashboard.ui.url import url_select

START = "from"
"""Parameter of the URL: name of a preset or id of a run."""

_DEFAULTS = "–"


def start_from(run: Run) -> None:
    """Let the form begin with the recipe of `run`; called before the form is drawn."""
    st.query_params[START] = run.id
    st.query_params.pop(PARAM, None)
    look_at_dataset(run.params["dataset"])


def choose_start() -> tuple[str, Recipe]:
    """Draw the chooser; return the id of what was chosen, and the recipe to begin with."""
    given = st.query_params.get(START, _DEFAULTS)
    options = {_DEFAULTS: _DEFAULTS, **{name: name for name in presets()}}
    if given not in options:
        options[given] = t("run {run}", run=given[:6])
    chosen = url_select(
        t("Start from"),
        options,
        START,
        _DEFAULTS,
        clears=(PARAM,),
        help=t("A preset or a run fills in the settings below; each can be changed."),
    )
    start = Recipe()
    if chosen and chosen != _DEFAULTS:
        with panels.guard():
            start = _read(chosen)
    return chosen or _DEFAULTS, start


def _read(chosen: str) -> Recipe:
    text = recipe_text(chosen)
    start = parse_toml(text)
    if start.dataset not in {dataset.name for dataset in list_datasets()}:
        st.warning(
            t("There is no data set “{name}” any more. Choose one.", name=literal(start.dataset)),
            icon=":material/warning:",
        )
    with st.expander(t("This recipe as a file")):
        st.code(text, language="toml")
    return start
