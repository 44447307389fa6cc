"""Choosing one of several tasks."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.tasks import Task
from dashboard.ui.text import t


def choose_task(tasks: Sequence[Task], help: str | None = None) -> int:
    """Draw the choice and return the number of the task, from 0; nothing is drawn for only one.

    Args:
        tasks: To choose from.
        help: Shown on request.
    """
    if len(tasks) < 2:
        return 0
    names = [task.name for task in tasks]
    chosen = st.selectbox(t("Task"), names, key="task", bind="query-params", help=help)
    return names.index(chosen)
