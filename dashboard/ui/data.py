"""Data sets in pages: choosing one, loading it once, whether it may be changed."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset, list_datasets, version_names
from dashboard.core.errors import NotFound
from dashboard.core.runs.tracking import Run
from dashboard.ui.access import may_change
from dashboard.ui.text import t

EMBEDDED = "digits"

_CHOSEN = "dataset"
_VERSION = "version"


@st.cache_resource(max_entries=4, show_spinner=False)
def _load(name: str, version: str) -> Dataset:
    return get_dataset(name, version)


def load_dataset(name: str, version: str | None = None) -> Dataset:
    """Return a version of a data set, the current one if None; its index is kept between reruns."""
    return _load(name, version or get_dataset(name).version)


def dataset_of(run: Run) -> Dataset | None:
    """Return the version of the data set that `run` learns from; None if it is gone since."""
    try:
        return load_dataset(run.params["dataset"], run.tags.get("dataset_version"))
    except NotFound:
        return None


def chosen_version(name: str) -> str | None:
    """Return the version of the data set `name` that the URL names, or None for the current one."""
    version = st.query_params.get(_VERSION)
    if version in version_names(name):
        return version
    look_at(None)  # a version of the data set that was chosen before
    return None


def look_at(version: str | None) -> None:
    """Name a version in the URL, or the current one by naming none."""
    if version is None:
        st.query_params.pop(_VERSION, None)
    else:
        st.query_params[_VERSION] = version


def choose_dataset(preferred: str = EMBEDDED, help: str | None = None) -> str | None:
    """Draw the chooser of a data set and return its name; the choice stands in the URL.

    Args:
        preferred: Chosen where the URL names none.
        help: Shown on request.
    """
    names = [dataset.name for dataset in list_datasets()]
    return st.selectbox(
        t("Data set"),
        names,
        index=names.index(preferred) if preferred in names else 0,
        key=_CHOSEN,
        bind="query-params",
        help=help,
    )


def look_at_dataset(name: str) -> None:
    """Let the chooser show the data set `name`, if there is one; called before it is drawn."""
    if name in {dataset.name for dataset in list_datasets()}:
        st.session_state[_CHOSEN] = name


def may_edit(dataset: Dataset) -> bool:
    """Whether this session may make a new version of `dataset`: only of the current one."""
    return may_change() and dataset == get_dataset(dataset.name)
