"""How far the answers of a model can be trusted, as its card has it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.core.models.card import Card, Metric
from dashboard.core.text import mark
from dashboard.ui.text import literal, t

_KINDS = {
    "test": mark("test images"),
    "noise": mark("noise"),
    "colour": mark("one colour"),
    "letters": mark("printed letters"),
    "photos": mark("photos of a temple and a flower"),
}
"""Kind of pictures → what it is called; see `evaluate.foreign`."""


def trust_table(card: Card) -> None:
    """Draw calibration, coverage of the sets and refusals, each with its interval and n."""
    trust = card.trust
    if trust is None:
        return
    st.markdown("**" + t("How far to trust it") + "**")
    if trust.dataset:
        st.write(
            t(
                "Measured on the data set {name}, version {version}. Whether the model was trained "
                "on its images is not known; it may do worse on others.",
                name=literal(trust.dataset.name), version=trust.dataset.version,
            )
        )  # fmt: skip
    before, after = trust.calibration
    st.write(
        t(
            "Probabilities were off by {before:.1%} on average; divided by the temperature "
            "{temperature:.2f} they are off by {after:.1%} ({low:.1%}–{high:.1%}, n = {n}).",
            before=before.value, after=after.value, temperature=card.temperature,
            low=after.low, high=after.high, n=after.n,
        )
    )  # fmt: skip
    if trust.coverage:
        rows = [
            {
                **({t("task"): literal(item.task)} if item.task else {}),
                t("promised"): f"{1 - item.error:.0%}",
                t("kept on test images"): _figure(item.covered),
                t("classes in a set"): f"{item.size.value:.2f}",
            }
            for item in trust.coverage
        ]
        st.table(pd.DataFrame(rows), hide_index=True)
    told_apart = {metric.split: metric for metric in trust.auroc}
    rows = [
        {
            t("pictures"): t(_KINDS.get(metric.split, metric.split)),
            t("declined as unknown"): _figure(metric),
            t("told apart (AUROC)"): (
                f"{told_apart[metric.split].value:.3f}" if metric.split in told_apart else "–"
            ),
        }
        for metric in trust.refused
    ]
    st.table(pd.DataFrame(rows), hide_index=True)


def _figure(metric: Metric) -> str:
    return f"{metric.value:.1%} ({metric.low:.1%}–{metric.high:.1%}, n = {metric.n})"
