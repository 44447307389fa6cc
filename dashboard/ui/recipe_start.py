"""What the form of a recipe begins with: the defaults, a preset, or the recipe of a run."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.store import list_datasets
from dashboard.core.runs.tracking import Run
from dashboard.core.training.recipe import Recipe, kept_text, parse_recipe, parse_toml, presets
from dashboard.ui import panels
from dashboard.ui.augmentation_controls import PARAM
from dashboard.ui.data import look_at_dataset
from dashboard.ui.text import literal, t
from dashboard.ui.url import url_select

START = "from"
"""Parameter of the URL: name of a preset or id of a run."""

RATE = "rate"
"""Parameter of the URL: the constant learning rate to begin with instead of the recipe's."""

_DEFAULTS = "–"


def start_from(run: Run, rate: str | None = None) -> None:
    """Let the form begin with the recipe of `run`; called before the form is drawn.

    Args:
        run: Whose recipe.
        rate: The constant learning rate instead of its own.
    """
    st.query_params[START] = run.id
    for name in (PARAM, RATE):
        st.query_params.pop(name, None)
    if rate:
        st.query_params[RATE] = rate
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
        clears=(PARAM, RATE),
        help=t("A preset or a run fills in the settings below; each can be changed."),
    )
    start, rate = Recipe(), st.query_params.get(RATE, "")
    if chosen and chosen != _DEFAULTS:
        with panels.guard():
            start = _read(chosen, rate)
    return f"{chosen or _DEFAULTS}{rate}", start


def _read(chosen: str, rate: str) -> Recipe:
    text = kept_text(chosen)
    start = parse_toml(text)
    if rate:
        changed = {"learning_rate": rate, "schedule": "constant"}
        start = parse_recipe({**start.model_dump(), **changed})
        text = start.to_toml()
    if start.dataset not in {dataset.name for dataset in list_datasets()}:
        st.warning(
            t("There is no data set “{name}” any more. Choose one.", name=literal(start.dataset)),
            icon=":material/warning:",
        )
    with st.expander(t("This recipe as a file")):
        st.code(text, language="toml")
    return start
