"""What the runs of a sweep reached: the best of them, charts and a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.core.sweeps.fields import sweep_fields
from dashboard.core.sweeps.study import RELIABLE_FROM, importances
from dashboard.core.sweeps.sweep import Sweep
from dashboard.core.sweeps.trials import LABELS, Trial, best_of, ranked
from dashboard.ui import links, panels, sweep_charts
from dashboard.ui.access import may_change
from dashboard.ui.field_names import field_name
from dashboard.ui.publish_form import publish_form
from dashboard.ui.recipe_start import start_from
from dashboard.ui.run_progress import duration_text
from dashboard.ui.text import literal, t

_PLAIN = {"config": {"displayModeBar": False}}


def sweep_results(sweep: Sweep, trials: Sequence[Trial], active: bool) -> None:
    """Draw what there is so far.

    Args:
        sweep: What is tried.
        trials: Its runs.
        active: Whether more will come; the best can be published once that is over.
    """
    measured = [trial for trial in ranked(trials) if trial.accuracy is not None]
    best = best_of(trials)
    if best:
        _best(best, active)
    if measured:
        _charts(sweep, measured)
    elif not active:
        panels.empty(t("None of its runs came as far as a validation."))
    if trials:
        _table(sweep, trials)


def _best(best: Trial, active: bool) -> None:
    left, right = st.columns([1, 3], vertical_alignment="center")
    left.metric(
        t("Best validation accuracy"), f"{best.accuracy:.1%}", border=True,
        help=t(
            "Measured on the validation images, by which the best was chosen, so it is a little "
            "lucky. The test accuracy on the page of the run is not."
        ),
    )  # fmt: skip
    with right:
        shown = [
            f"{field_name(name)} **{literal(_text(value))}**" for name, value in best.values.items()
        ]
        st.markdown(t("Run {n}: {what}", n=best.number, what=", ".join(shown)))
        with st.container(horizontal=True):
            links.page_link("train", t("Open the run"), "monitoring", run=best.run.id)
            if may_change() and st.button(
                t("Clone the best recipe"), icon=":material/content_copy:", key="clone-best",
                on_click=start_from, args=(best.run,),
                help=t("The form above begins with this recipe"),
            ):  # fmt: skip
                st.rerun()
    if may_change() and not active:
        publish_form(best.run)


def _charts(sweep: Sweep, measured: list[Trial]) -> None:
    names = {name: field_name(name) for name in sweep.search}
    in_order = sorted(measured, key=lambda trial: trial.number)
    left, right = st.columns(2)
    left.plotly_chart(sweep_charts.best_so_far(in_order), key="best-so-far", **_PLAIN)
    finished = [trial for trial in measured if trial.state == "finished"]
    shares = importances(sweep.search, measured)
    with right:
        if shares:
            st.plotly_chart(sweep_charts.importance_bars(shares, names), key="importance", **_PLAIN)
        st.caption(_how_sure(len(finished), bool(shares)))
    st.plotly_chart(
        sweep_charts.parallel_coordinates(measured, sweep.search, names), key="parallel", **_PLAIN
    )
    st.caption(
        t("A line is a run: green reached more, orange less. Drag along an axis to pick some out.")
    )


def _how_sure(n: int, told: bool) -> str:
    if not told:
        return t("Which field matters cannot be told from {n} finished runs.", n=n)
    if n < RELIABLE_FROM:
        return t(
            "How much each field decides whether a run is among the best, from {n} finished runs: "
            "under {least} that is no more than a hint.",
            n=n,
            least=RELIABLE_FROM,
        )
    return t(
        "How much each field decides whether a run is among the best, from {n} finished runs.", n=n
    )


def _table(sweep: Sweep, trials: Sequence[Trial]) -> None:
    rows = [
        {
            "n": trial.number,
            "accuracy": None if trial.accuracy is None else 100 * trial.accuracy,
            "run": links.page_address("train", run=trial.run.id),
            **{f"field-{name}": trial.values.get(name) for name in sweep.search},
            "state": t(LABELS[trial.state]),
            "time": duration_text(trial.run.seconds),
        }
        for trial in ranked(trials)
    ]
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="trials",
        placeholder="–",
        column_config={
            "n": number(t("run")),
            "accuracy": number(t("validation accuracy"), format="%.1f %%"),
            **{
                f"field-{name}": number(field_name(name), format="%g")
                if sweep_fields()[name].is_number
                else text(field_name(name))
                for name in sweep.search
            },
            "state": text(t("status")),
            "time": text(t("took")),
            "run": st.column_config.LinkColumn(t("page"), display_text=t("open")),
        },
    )


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
