"""A visitor of a demo who presses everything there is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.data.store import get_dataset, list_datasets
from dashboard.core.models.store import get_model, list_models, publish
from dashboard.core.runs import tracking
from dashboard.core.settings import settings
from dashboard.core.sweeps.store import list_sweeps
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe
from tests.finished_runs import finished_run
from tests.pages.conftest import open_page

VIEWS = ("images", "statistics", "quality", "map", "input", "augment", "feedback")
RUNS = ("finished", "waiting", "failed")
PLACES: list[tuple[str, dict[str, str]]] = [
    ("home", {}),
    *[("explore", {"view": view}) for view in VIEWS],
    ("explore", {"image": "first"}),
    ("train", {}),
    ("train", {"design": "doc-001"}),
    ("train", {"compare": "both"}),
    *[("train", {"run": run}) for run in RUNS],
    ("explain", {"model": "mine"}),
    ("classify", {"view": "one"}),
    ("classify", {"view": "many"}),
]
CHANGING = {
    "Start", "Stop", "Pause", "Resume", "Publish", "Delete", "Exclude", "Relabel", "Import",
    "Import a model", "Keep", "Restore", "Go on", "Save", "Start the sweep", "Check the quality",
}  # fmt: skip


@pytest.fixture
def visited(running_engine: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Names of one of everything, in a demo."""
    dataset = get_dataset("digits")
    first, second = finished_run(dataset), finished_run(dataset, [1, 2])
    failed = submit(Recipe())
    tracking.set_status(failed, "FAILED")
    names = {
        "finished": first,
        "waiting": submit(Recipe()),
        "failed": failed,
        "both": f"{first},{second}",
        "first": str(dataset.index.iloc[0]["id"]),
    }
    publish(get_model("digits").folder, "mine")
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    return names


def state(home: Path) -> tuple[Any, ...]:
    """What there is: the files at rest by their content, and every run with what it says."""
    kept = {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("datasets", "models", "networks", "sweeps", "feedback")
        for path in (home / folder).rglob("*")
        if path.is_file() and path.suffix not in (".log", ".lock")
    }
    runs = [(run.id, run.status, run.tags, run.metrics) for run in tracking.list_runs()]
    return kept, runs, list_sweeps(), list_models(), list_datasets()


def use(control: Any) -> Any:
    """Press a button, turn a box round, choose the last of a list."""
    if control.type == "button":
        return control.click()
    if control.type == "selectbox":
        return control.select(control.options[-1])
    return control.set_value(not control.value)


def controls(test: AppTest) -> dict[str, Any]:
    """What can be used on a page, by its key."""
    found = [*test.checkbox, *test.toggle, *test.selectbox, *test.button]
    return {control.key or control.label: control for control in found if not control.disabled}


def use_everything(open_it: Callable[[], AppTest], used: set[str]) -> set[str]:
    """Use each control that is there or appears, but for `used`; return the buttons' labels."""
    test, labels = open_it(), set()
    while True:
        labels |= {button.label for button in test.button}
        left = [key for key in controls(test) if key not in used]
        if not left:
            return labels
        used.add(left[0])
        try:
            use(controls(test)[left[0]]).run()
        except (KeyError, ValueError):
            test = open_it()  # AppTest still held a control that the page had taken away


@pytest.mark.parametrize(("name", "query"), PLACES, ids=str)
def test_nothing_is_changed(
    full: Path, visited: dict[str, str], name: str, query: dict[str, str]
) -> None:
    before = state(full)
    given = {key: visited.get(value, value) for key, value in query.items()}
    first = (name, query) == next(place for place in PLACES if place[0] == name)
    used = set() if first else set(controls(open_page(name)))
    assert not use_everything(lambda: open_page(name, **given), used) & CHANGING
    assert state(full) == before
