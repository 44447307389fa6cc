"""A visitor of a demo who presses everything there is."""

from __future__ import annotations

import hashlib
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


def press_everything(test: AppTest) -> set[str]:
    """Choose each choice, tick each box, press each button; the buttons that were there."""
    pressed: set[str] = set()
    for box in list(test.checkbox) + list(test.toggle):
        box.set_value(not box.value).run()
    for chooser in test.selectbox[:4]:
        for option in chooser.options[:3]:
            chooser.select(option).run()
            break
    while True:
        waiting = [b for b in test.button if (b.key or b.label) not in pressed and not b.disabled]
        if not waiting:
            return pressed | {button.label for button in test.button}
        pressed |= {waiting[0].key or waiting[0].label, waiting[0].label}
        waiting[0].click().run()


@pytest.mark.parametrize(("name", "query"), PLACES, ids=str)
def test_nothing_is_changed(
    full: Path, visited: dict[str, str], name: str, query: dict[str, str]
) -> None:
    before = state(full)
    test = open_page(name, **{key: visited.get(value, value) for key, value in query.items()})
    assert not press_everything(test) & CHANGING
    assert state(full) == before
