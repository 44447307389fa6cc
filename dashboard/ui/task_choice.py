"""Choosing one of several tasks."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.tasks import Task
from dashboard.ui.text import t


def choose_task(tasks: Sequence[Task]) -> int:
    """Draw the choice and return the number of the task, from 0; nothing is drawn for only one."""
    if len(tasks) < 2:
        return 0
    names = [task.name for task in tasks]
    chosen = st.selectbox(
        t("Task"), names, key="task", bind="query-params", width=240,
        help=t("Below is what concerns this task; the loss is the sum over all of them."),
    )  # fmt: skip
    return names.index(chosen)
