"""What a batch comes to: how many of each class, how sure, and how right where folders tell."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.core.models.card import Metric
from dashboard.core.serving.side_by_side import (
    Respondent,
    Score,
    respondents,
    rivals,
    score,
    verdicts,
)
from dashboard.ui import charts
from dashboard.ui.batch_run import Batch
from dashboard.ui.text import literal, t

_MOST = 40
"""Classes that fit beside each other in a chart."""


def batch_summary(batch: Batch) -> bool:
    """Draw the figures, and return whether folder names are to be taken for the truth."""
    asked = respondents(batch.models)
    unusable = sum(row.unusable is not None for row in batch.rows)
    figures = {t("Pictures"): len(batch.rows), t("Unusable"): unusable}
    if rivals(asked):
        found = verdicts(batch.rows, asked, truth=False)
        figures[t("Models disagree")] = sum(verdict.disagreed for verdict in found)
    for column, (label, n) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(label, f"{n:,}", border=True)
    scores = [score(respondent, batch.rows) for respondent in asked]
    truth = any(scores) and st.toggle(
        t("Take folder names for the truth"), value=True, key="folders-are-true"
    )
    if unusable == len(batch.rows):
        return truth
    tabs = st.tabs([literal(item.name) for item in asked]) if len(asked) > 1 else [st.container()]
    for place, respondent, found in zip(tabs, asked, scores, strict=True):
        with place:
            _respondent(batch, respondent, found if truth else None)
    return truth


def _respondent(batch: Batch, respondent: Respondent, found: Score | None) -> None:
    given = [answer for row in batch.rows if (answer := respondent.answer(row))]
    mean = sum(answer.probability for answer in given) / len(given)
    left, right = st.columns(2)
    _figure(left, t("Mean probability"), mean, f"n = {len(given)}")
    if found:
        _figure(right, t("Accuracy"), found.accuracy.value, _interval(found.accuracy))
    counts = _counts(respondent, Counter(answer.label for answer in given))
    left, right = st.columns(2) if found else (st.container(), None)
    left.plotly_chart(
        charts.shares(counts, t("Answers")), key=f"answers-{respondent.name}",
        config={"displayModeBar": False},
    )  # fmt: skip
    if found and right:
        right.plotly_chart(
            charts.confusion(found.matrix, found.classes), key=f"confusion-{respondent.name}",
            config={"displayModeBar": False},
        )  # fmt: skip


def _figure(place: DeltaGenerator, label: str, value: float, note: str) -> None:
    place.metric(
        label, f"{value:.1%}", note, delta_color="off", delta_arrow="off", border=True
    )  # fmt: skip


def _interval(metric: Metric) -> str:
    return t("95 %: {low:.1%} – {high:.1%}, n = {n}", low=metric.low, high=metric.high, n=metric.n)


def _counts(respondent: Respondent, counts: Counter[str]) -> pd.Series:
    names = respondent.task.classes
    if respondent.task.several or len(names) > _MOST:
        frequent = dict(counts.most_common(_MOST))
        return pd.Series({label or "–": n for label, n in frequent.items()})
    return pd.Series({name: counts[name] for name in names})
