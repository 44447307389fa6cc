"""The form of a sweep: which fields of the recipe above vary, and how."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.core.sweeps import store
from dashboard.core.sweeps.estimate import expected_s
from dashboard.core.sweeps.fields import AUGMENTATION, sweep_fields
from dashboard.core.sweeps.sweep import DEFAULT_TRIALS, METHODS, Sweep, parse_sweep
from dashboard.core.training.recipe import Recipe
from dashboard.ui import panels
from dashboard.ui.field_names import field_name
from dashboard.ui.recipe_start import START
from dashboard.ui.run_progress import duration_text
from dashboard.ui.sweep_space import field_controls
from dashboard.ui.text import t

_OFFERED = ("learning_rate", "batch_size", "optimizer", "network", "epochs")
"""Fields named first: what is varied most."""


def sweep_form(recipe: dict[str, Any]) -> None:
    """Draw the form and start what it describes.

    Args:
        recipe: Fields of the recipe that the runs have in common.
    """
    st.caption(
        t(
            "Several runs of the recipe above, each with other values of what you choose here. "
            "They are compared by their validation images; the test images decide nothing."
        )
    )
    fields = sweep_fields()
    varied = st.multiselect(
        t("What varies"),
        [*_OFFERED, *(name for name in fields if name not in _OFFERED)],
        format_func=field_name,
        key="sweep-fields",
        placeholder=t("Choose fields of the recipe"),
        select_all=False,
        wrap=True,
    )
    if not varied:
        return
    settings = _settings()
    ranges = settings["method"] != "grid"
    search = {name: field_controls(fields[name], _current(recipe, name), ranges) for name in varied}
    sweep = None
    with panels.guard():
        sweep = parse_sweep({**recipe, "sweep": settings, "search": search})
        st.caption(_size(sweep))
    pressed = st.button(
        t("Start the sweep"), type="primary", icon=":material/tune:", disabled=sweep is None
    )
    if pressed and sweep:
        with panels.guard():
            st.query_params["sweep"] = store.create(sweep)
            for name in (START, "run"):
                st.query_params.pop(name, None)
            st.rerun()


def _settings() -> dict[str, Any]:
    labels = {method.id: t(method.label) for method in METHODS}
    # No limits below: a browser would keep the last allowed number without a word.
    left, right = st.columns(2)
    method = left.selectbox(
        t("How the values are chosen"),
        list(labels),
        format_func=labels.__getitem__,
        key="sweep-method",
    )
    settings: dict[str, Any] = {"method": method}
    if method != "grid":
        settings["trials"] = right.number_input(t("Runs"), value=DEFAULT_TRIALS, key="sweep-trials")
    st.caption(next(t(entry.description) for entry in METHODS if entry.id == method))
    if method == "asha":
        left, right = st.columns(2)
        settings["min_epochs"] = left.number_input(
            t("Epochs that every run gets"), value=1, key="sweep-least"
        )
        settings["reduction"] = right.number_input(
            t("Of so many runs one goes on"), value=3, key="sweep-keep"
        )
    return settings


def _current(recipe: dict[str, Any], name: str) -> Any:
    if name.startswith(AUGMENTATION):
        return recipe.get("augmentation", {}).get(name.removeprefix(AUGMENTATION))
    return recipe.get(name, Recipe.model_fields[name].default)


def _size(sweep: Sweep) -> str:
    seconds = expected_s(sweep)
    if seconds is None:
        return t(
            "{n} runs. How long they take is not known: no run like these has finished yet.",
            n=sweep.trials,
        )
    values = {"n": sweep.trials, "time": duration_text(seconds)}
    if sweep.method == "asha":
        return t(
            "{n} runs, at most about {time} (minutes:seconds), as earlier runs took.", **values
        )
    return t("{n} runs, about {time} (minutes:seconds), as earlier runs took.", **values)
