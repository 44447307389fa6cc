"""The final metrics of several runs: a picture and a table, each with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.core.evaluate.comparison import Comparison
from dashboard.core.evaluate.paired import RESAMPLES
from dashboard.core.models.card import Metric
from dashboard.core.runs.tracking import Run
from dashboard.core.tasks import Task
from dashboard.ui import compare_charts
from dashboard.ui.data import dataset_of
from dashboard.ui.text import literal, t


def compare_figures(found: Comparison, runs: Sequence[Run], names: Mapping[str, str]) -> None:
    """Draw the metrics of the tested runs.

    Args:
        found: What the comparison found.
        runs: The same runs.
        names: Run id → what to call it.
    """
    tasks = {run.id: dataset.tasks for run in runs if (dataset := dataset_of(run))}
    rows = [
        {_label(metric, tasks.get(run.id, ())): metric for metric in run.metrics}
        for run in found.runs
    ]
    labels = list(dict.fromkeys(label for row in rows for label in row))
    if not labels:
        return
    st.subheader(t("Test images"), anchor=False)
    common = [label for label in labels if sum(label in row for row in rows) > 1]
    for start in range(0, len(common), 2):
        for label, place in zip(common[start : start + 2], st.columns(2), strict=False):
            metrics = [row.get(label) for row in rows]
            figure = compare_charts.intervals(metrics, list(names.values()), label)
            place.plotly_chart(figure, key=f"interval-{label}", config={"displayModeBar": False})
    st.table(
        {
            t("run"): list(names.values()),
            **{literal(label): [_text(row.get(label)) for row in rows] for label in labels},
            "n": [_n(row) for row in rows],
        },
        hide_index=True,
    )
    st.caption(
        t(
            "95 % intervals, percentile bootstrap: of accuracies with {n} resamples of the test "
            "images, of F1 with 1,000.",
            n=f"{RESAMPLES:,}",
        )
    )


def _label(metric: Metric, tasks: Sequence[Task]) -> str:
    if metric.name != "accuracy":
        name = t("Macro F1")
    elif len(tasks) > 1 and not metric.task:
        name = t("All tasks right")
    elif any(task.several for task in tasks):
        name = t("Images with all labels right")
    else:
        name = t("Accuracy")
    return f"{name} · {metric.task}" if metric.task else name


def _text(metric: Metric | None) -> str:
    return f"{metric.value:.1%} ({metric.low:.1%} – {metric.high:.1%})" if metric else "–"


def _n(row: Mapping[str, Metric]) -> str:
    return f"{next(iter(row.values())).n:,}" if row else "–"
