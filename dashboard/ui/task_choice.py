"""Choosing one of several tasks."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.tasks import Task
from dashboard.ui.text import t
from dashboard.ui.url import url_select

_PARAM = "task"


def choose_task(tasks: Sequence[Task], help: str | None = None) -> int:
    """Draw the choice and return the number of the task, from 0; nothing is drawn for only one.

    Args:
        tasks: To choose from.
        help: Shown on request.
    """
    if len(tasks) < 2:
        return 0
    names = [task.name for task in tasks]
    if st.query_params.get(_PARAM) not in names:  # of the data set that was chosen before
        st.query_params.pop(_PARAM, None)
    chosen = url_select(t("Task"), {name: name for name in names}, _PARAM, names[0], help=help)
    return names.index(str(chosen))
