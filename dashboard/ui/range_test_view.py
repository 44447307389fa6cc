"""What a range test found: the loss against the learning rate, and the rate to train with."""

from __future__ import annotations

import streamlit as st

from dashboard.core.runs.history import Curve
from dashboard.core.runs.tracking import Run
from dashboard.core.training.range_test import SCHEDULE, RangeTest, range_test
from dashboard.ui import charts
from dashboard.ui.access import may_change
from dashboard.ui.live_view import LiveChart
from dashboard.ui.recipe_start import start_from
from dashboard.ui.text import literal, t


def is_range_test(run: Run) -> bool:
    """Whether the learning rate of `run` grew all along."""
    return run.params.get("schedule") == SCHEDULE


def live_range_test(curves: dict[str, Curve]) -> LiveChart:
    """Return the chart of a range test that still runs; the rate is marked once the loss rises."""
    found = range_test(curves["learning_rate"], curves["loss"])
    known = found and found.highest and found.suggested
    return LiveChart(
        "loss", t("Loss by learning rate"), t("Learning rate"), ("batches", "smoothed"),
        against="learning_rate", mark=(known, f"{known:.2g}") if known else None,
    )  # fmt: skip


def range_test_view(run: Run, curves: dict[str, Curve]) -> None:
    """Draw the chart of a range test that has ended and say what it found."""
    found = range_test(curves["learning_rate"], curves["loss"])
    if found is None:
        return
    st.plotly_chart(charts.range_test(found), key="range-test", config={"displayModeBar": False})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_sentence(found))
        if found.suggested and may_change():
            _clone_button(run, f"{found.suggested:.2g}")


def _sentence(found: RangeTest) -> str:
    if not found.suggested:
        return t("The loss fell at no learning rate. Test up to a higher one, over more batches.")
    rate, highest = (literal(f"{value or 0:.2g}") for value in (found.suggested, found.highest))
    if not found.highest:
        return t(
            "The loss falls fastest at a learning rate of {rate}: a good one to train with (Smith "
            "2015, arXiv 1506.01186).",
            rate=rate,
        )
    return t(
        "The loss falls fastest at a learning rate of {rate}: a good one to train with. Above "
        "{highest} it rises: that is too much (Smith 2015, arXiv 1506.01186).",
        rate=rate, highest=highest,
    )  # fmt: skip


def _clone_button(run: Run, rate: str) -> None:
    if st.button(
        t("Clone with this rate"), icon=":material/content_copy:", key="clone-rate",
        on_click=start_from, args=(run, rate),
        help=t("The form above begins with this recipe and a constant rate of {rate}.", rate=rate),
    ):  # fmt: skip
        st.rerun()
