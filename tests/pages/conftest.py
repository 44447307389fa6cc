"""A home with the digits, the shipped model and an engine, shared by all page tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.quality import inspection
from dashboard.core.runs import tracking
from dashboard.core.serving.client import engine
from dashboard.core.serving.process import EngineProcess
from dashboard.core.settings import REPOSITORY, settings
from tests.waiting import wait_for


@pytest.fixture(scope="package", autouse=True)
def as_without_keras() -> Iterator[None]:
    """Leave Keras alone, as in the web process, which has none.

    Where Keras is imported, Streamlit clears its session after every run of a page, and Keras has
    the collector walk over the whole process: half a second, and several late among many tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        yield


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("pages") / "home"
        patch.setenv("LIGHTBOX_HOME", str(home))
        settings.cache_clear()
        tracking.forget()
        import_dataset("digits")
        tracking.list_runs()  # makes the store, which takes seconds
        tracking.forget()
    settings.cache_clear()
    return home


@pytest.fixture
def full(filled_home: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Point Lightbox at a home of its own with the digits."""
    shutil.copytree(filled_home, home, ignore=shutil.ignore_patterns("datasets"))
    _link(filled_home / "datasets", home / "datasets")
    yield from _at(home, monkeypatch)


@pytest.fixture(scope="session")
def checked_home(filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("checked") / "home"
    _link(filled_home / "datasets", home / "datasets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(home))
        patch.setattr(inspection, "umap_missing", lambda: "left out")  # compiles for 10 s
        settings.cache_clear()
        inspection.inspect(get_dataset("digits"))
    settings.cache_clear()
    return home


@pytest.fixture
def checked(checked_home: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Point Lightbox at a home of its own whose digits were checked."""
    _link(checked_home, home)
    yield from _at(home, monkeypatch)


@pytest.fixture
def bare(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Point Lightbox at an empty home without shipped models."""
    monkeypatch.setattr(type(settings()), "shipped_models", home / "none")
    yield from _at(home, monkeypatch)


def _link(folder: Path, target: Path) -> None:
    shutil.copytree(folder, target, copy_function=os.link)  # files are replaced, not changed


def _at(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LIGHTBOX_HOME", str(home))
    settings.cache_clear()
    tracking.forget()
    engine.cache_clear()
    st.cache_data.clear()
    st.cache_resource.clear()
    yield home
    tracking.forget()
    settings.cache_clear()
    engine.cache_clear()


@pytest.fixture
def running_engine(full: Path) -> Iterator[None]:
    process = EngineProcess()
    process.start()
    wait_for(engine().ready)
    yield
    process.stop()


def open_page(name: str, **query: str) -> AppTest:
    """Run the router and go to a page."""
    script = REPOSITORY / "dashboard" / "ui" / "router.py"
    test = AppTest.from_file(str(script), default_timeout=60)
    test.run()
    if name != "home":
        test.switch_page(str(REPOSITORY / "dashboard" / "pages" / f"{name}.py"))
    for key, value in query.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception, test.exception
    return test


def click(test: AppTest, label: str, key: str | None = None) -> AppTest:
    """Press the button of this label, and of this key where there are several."""
    found = [item for item in test.button if item.label == label and key in (None, item.key)]
    assert found, [item.label for item in test.button]
    found[0].click().run()
    assert not test.exception, test.exception
    return test
