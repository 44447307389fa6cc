"""What a run has come to; before the end of its replay, the figures of that moment instead."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.runs.moment import Moment
from dashboard.core.runs.tracking import Run
from dashboard.core.tasks import Task
from dashboard.ui.run_progress import duration_text, newest
from dashboard.ui.text import literal, t

_UNKNOWN = "–"

Row = list[tuple[str, str]]


def run_result(run: Run, tasks: Sequence[Task], shown: Moment) -> None:
    """Draw the test result where `shown` is the end; else as many rows, so that nothing moves."""
    tested = "test_accuracy" in run.metrics
    over = tested and shown.newest
    several = tested and len(tasks) > 1
    label = t("Test accuracy, all tasks right") if several else t("Test accuracy")
    rows = [[*_accuracy(run, "", label), _took(run)] if over else _figures(shown)]
    for number, task in enumerate(tasks if several else (), 1):
        label = t("Test accuracy, {task}", task=literal(task.name))
        rows.append(_accuracy(run, f"_{number}", label, over))
    for row in rows:
        for place, (name, value) in zip(st.columns(3), row, strict=False):
            place.metric(name, value, border=True)


def _accuracy(run: Run, task: str, label: str, known: bool = True) -> Row:
    """Return an accuracy and its interval, of all tasks if `task` is empty."""
    accuracy, low, high = (
        run.metrics[f"test_accuracy{task}{end}"] for end in ("", "_low", "_high")
    )
    interval = f"{low:.1%} – {high:.1%}"
    return [
        (label, f"{accuracy:.1%}" if known else _UNKNOWN),
        (t("95 % interval"), interval if known else _UNKNOWN),
    ]


def _took(run: Run) -> tuple[str, str]:
    return t("Took"), duration_text(run.seconds)


def _figures(shown: Moment) -> Row:
    speed = shown.progress.images_per_second
    return [
        (t("Loss"), newest(shown.curves["loss"], ".3f")),
        (t("Images per second"), f"{speed:,.0f}" if speed else _UNKNOWN),
        (t("Learning rate"), newest(shown.curves["learning_rate"], ".2g")),
    ]
