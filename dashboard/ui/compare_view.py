"""Several runs side by side: which is better, how sure that is, and what distinguishes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.core.evaluate.compare import compare
from dashboard.core.evaluate.comparison import Comparison, Pair
from dashboard.core.evaluate.wording import about_pair, about_run, letters
from dashboard.core.runs.tracking import Run
from dashboard.ui import compare_charts, panels
from dashboard.ui.access import may_change
from dashboard.ui.compare_choice import choose_runs, who_is_who
from dashboard.ui.compare_curves import compare_curves
from dashboard.ui.compare_figures import compare_figures
from dashboard.ui.compare_images import compare_images
from dashboard.ui.recipe_start import start_from
from dashboard.ui.text import literal, sentence, t
from dashboard.ui.url import url_select

_WIDTH_PX = 220


def compare_view(runs: Sequence[Run]) -> None:
    """Draw the choice of runs and what they tell about each other."""
    chosen = choose_runs(runs)
    if len(chosen) < 2:
        panels.empty(t("Choose two runs or more: with and without a change, or of several seeds."))
        return
    who_is_who(chosen)
    with panels.guard():
        found = compare(chosen)
        names = letters([run.id for run in chosen])
        pair = _verdicts(found, chosen, names)
        compare_figures(found, chosen, names)
        _parameters(found, names)
        st.subheader(t("Curves"), anchor=False)
        compare_curves(chosen)
        if pair:
            by_id = {run.id: run for run in chosen}
            compare_images(by_id[pair.first], by_id[pair.second], names)


def _verdicts(found: Comparison, runs: Sequence[Run], names: Mapping[str, str]) -> Pair | None:
    """Say what the tests found, and return the pair that is looked at more closely."""
    st.subheader(t("Which is better?"), anchor=False)
    for run in found.runs:
        note = about_run(run, names[run.id])
        if note:
            st.info(literal(sentence(note)), icon=":material/hourglass_empty:")
    if not found.pairs or not found.best:
        return None
    pairs = found.against(_reference(found, names))
    for pair in pairs:
        _verdict(pair, names)
    if not any(pair.test for pair in pairs):
        return None
    left, right = st.columns(2)
    with left:
        pair = _looked_at([pair for pair in pairs if pair.test], names)
    with right:
        _remarks(found)
        if may_change():
            _clone(next(run for run in runs if run.id == found.best), names)
    return pair


def _clone(best: Run, names: Mapping[str, str]) -> None:
    st.button(
        t("Clone the recipe of {name}", name=names[best.id]), icon=":material/content_copy:",
        key="clone-best", on_click=start_from, args=(best,),
        help=t("Clone with changes: the form above begins with this recipe"),
    )  # fmt: skip


def _reference(found: Comparison, names: Mapping[str, str]) -> str:
    """Return which run the others are tested against; of two it is the first."""
    best = str(found.best)
    tested = [run.id for run in found.runs if not run.untested]
    if len(tested) == 2:
        return tested[0]
    options = {best: t("the best, {name}", name=names[best])}
    options |= {run_id: names[run_id] for run_id in tested if run_id != best}
    return _choose(t("Compare each with"), options, "against", best)


def _verdict(pair: Pair, names: Mapping[str, str]) -> None:
    notes = about_pair(pair, names)
    text = "\n\n".join(literal(sentence(note)) for note in notes)
    if any(note.code == "luck" for note in notes):
        st.info(text, icon=":material/casino:")
    elif not pair.test:
        st.warning(text, icon=":material/block:")
    elif pair.test.verdict == "noise":
        st.info(text, icon=":material/balance:")
    else:
        st.success(text, icon=":material/trophy:")


def _looked_at(pairs: Sequence[Pair], names: Mapping[str, str]) -> Pair:
    """Draw the agreement of two runs, and the choice among several pairs; return the chosen one."""
    by_other = {pair.second: pair for pair in pairs}
    chosen = pairs[0].second
    if len(pairs) > 1:
        options = {
            other: t("{first} and {second}", first=names[pair.first], second=names[other])
            for other, pair in by_other.items()
        }
        chosen = _choose(t("Look closer at"), options, "pair", chosen)
    pair = by_other[chosen]
    assert pair.test
    figure = compare_charts.agreement(pair.test.agreement, names[pair.first], names[pair.second])
    st.plotly_chart(figure, key="agreement", config={"displayModeBar": False})
    return pair


def _choose(label: str, options: Mapping[str, str], param: str, default: str) -> str:
    if st.query_params.get(param) not in options:  # of runs that were chosen before
        st.query_params.pop(param, None)
    return url_select(label, options, param, default, width=_WIDTH_PX) or default


def _remarks(found: Comparison) -> None:
    n = sum(pair.test is not None for pair in found.pairs)
    if n > 1:
        st.caption(
            t(
                "McNemar's exact test; noise where p ≥ 0.05. The p are raised by Holm's method for "
                "all {n} pairs, for of many runs the best is easily the luckiest; the intervals "
                "are of each pair alone.",
                n=n,
            )
        )
    else:
        st.caption(t("McNemar's exact test; noise where p ≥ 0.05."))
    st.caption(
        t(
            "What is compared are these trained models. The same recipe with another seed gives "
            "another model: to choose a recipe, train each with several seeds."
        )
    )


def _parameters(found: Comparison, names: Mapping[str, str]) -> None:
    st.subheader(t("What differs"), anchor=False)
    if not found.parameters:
        st.caption(t("Their recipes and their data are the same."))
        return
    st.table(
        {
            t("parameter"): [literal(name) for name in found.parameters],
            **{
                letter: [literal(values[place] or "–") for values in found.parameters.values()]
                for place, letter in enumerate(names.values())
            },
        },
        hide_index=True,
    )
