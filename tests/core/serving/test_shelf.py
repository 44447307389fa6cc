import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.core.errors import LightboxError
from dashboard.core.models.card import Card, InputSpec
from dashboard.core.models.store import StoredModel
from dashboard.core.serving import shelf as shelf_module
from dashboard.core.serving.shelf import Shelf
from tests.waiting import wait_for

DAMAGED = LightboxError("It is damaged.")


def stored(name: str, version: str) -> StoredModel:
    size = InputSpec(height=8, width=8, channels=3)
    card = Card(
        name=name, version=version, classes=("a",), input=size, network="tiny", parameters=1
    )
    return StoredModel(card, Path(name, version))


class Loader:
    """Loads models of 10 bytes; a version waits until it may, and fails if it is `broken`."""

    def __init__(self) -> None:
        self.loads: list[str] = []
        self.broken: set[str] = set()
        self.held_back: dict[str, threading.Event] = {}

    def __call__(self, model: StoredModel) -> Any:
        version = model.card.version
        self.loads.append(version)
        if version in self.held_back:
            assert self.held_back[version].wait(10)
        if version in self.broken:
            raise DAMAGED
        return SimpleNamespace(card=model.card, n_bytes=10)


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def make(loader: Loader) -> Callable[..., Shelf]:
    def make(max_models: int = 10, max_bytes: int = 1000) -> Shelf:
        return Shelf(loader, max_models, max_bytes, lambda: "pinned")

    return make


def version(shelf: Shelf, name: str, wanted: str) -> str:
    return shelf.get(name, stored(name, wanted)).card.version


def test_many_threads_load_once(make: Callable[..., Shelf], loader: Loader) -> None:
    shelf, barrier = make(), threading.Barrier(8)

    def ask(_: int) -> int:
        barrier.wait()
        return id(shelf.get("m", stored("m", "1")))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert loader.loads == ["1"]


def test_a_new_version_takes_over(make: Callable[..., Shelf], loader: Loader) -> None:
    shelf = make()
    assert [version(shelf, "m", wanted) for wanted in ("1", "1", "2", "2")] == ["1", "1", "2", "2"]
    assert loader.loads == ["1", "2"]
    assert len(shelf) == 1


def test_the_old_version_answers_until_the_new_one_is_there(
    make: Callable[..., Shelf], loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "PATIENCE_S", 0.05)
    shelf, go = make(), threading.Event()
    loader.held_back["2"] = go
    assert version(shelf, "m", "1") == "1"
    assert version(shelf, "m", "2") == "1"  # it has waited its 0.05 s
    assert version(shelf, "m", "2") == "1"  # and this one not at all
    go.set()
    wait_for(lambda: version(shelf, "m", "2") == "2")
    assert loader.loads == ["1", "2"]


def test_a_broken_version_never_takes_over_and_is_told(
    make: Callable[..., Shelf], loader: Loader, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = make()
    loader.broken.add("2")
    assert version(shelf, "m", "1") == "1"
    assert [version(shelf, "m", "2") for _ in range(5)] == ["1"] * 5
    assert loader.loads == ["1", "2"]  # not again with every request
    told = [{"model": "m", "version": "2", "message": "It is damaged."}]
    assert [fault.to_json() for fault in shelf.faults()] == told
    assert "Version 2 of the model m cannot be loaded; version 1 goes on answering" in caplog.text
    assert version(shelf, "m", "3") == "3"
    assert shelf.faults() == []


def test_after_a_while_it_is_tried_again(
    make: Callable[..., Shelf], loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = make()
    loader.broken.add("2")
    version(shelf, "m", "1")
    assert version(shelf, "m", "2") == "1"
    loader.broken.clear()
    assert version(shelf, "m", "2") == "1"
    monkeypatch.setattr(shelf_module, "RETRY_S", 0.0)
    assert version(shelf, "m", "2") == "2"


def test_without_an_older_version_the_error_is_raised_and_the_next_one_tries_again(
    make: Callable[..., Shelf], loader: Loader
) -> None:
    shelf = make()
    loader.broken.add("1")
    for _ in range(2):
        with pytest.raises(LightboxError, match="damaged"):
            version(shelf, "m", "1")
    assert loader.loads == ["1", "1"]
    loader.broken.clear()
    assert version(shelf, "m", "1") == "1"


def test_the_last_version_answers_where_nothing_can_be_read(make: Callable[..., Shelf]) -> None:
    shelf = make()
    with pytest.raises(LightboxError, match="damaged"):
        shelf.last("m", DAMAGED)
    version(shelf, "m", "1")
    assert shelf.last("m", DAMAGED).card.version == "1"
    assert [fault.version for fault in shelf.faults()] == [""]


def test_what_nobody_expected_stays_in_the_log(
    make: Callable[..., Shelf], loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = make()
    version(shelf, "m", "1")

    def fail(_: StoredModel) -> Any:
        raise RuntimeError("secret path")

    monkeypatch.setattr(shelf, "_load", fail)
    assert version(shelf, "m", "2") == "1"
    assert "secret" not in shelf.faults()[0].to_json()["message"]


@pytest.mark.parametrize("limits", [{"max_models": 3}, {"max_bytes": 35}])
def test_the_one_used_longest_ago_goes_first_but_never_the_pinned(
    make: Callable[..., Shelf], limits: dict[str, int]
) -> None:
    shelf = make(**limits)
    for name in ("pinned", "a", "b", "a", "c"):
        version(shelf, name, "1")
    assert [name in shelf for name in ("pinned", "a", "b", "c")] == [True, True, False, True]


def test_a_model_larger_than_the_limit_is_kept_alone(make: Callable[..., Shelf]) -> None:
    shelf = make(max_bytes=5)
    for name in ("a", "b"):
        version(shelf, name, "1")
    assert [name in shelf for name in ("a", "b")] == [False, True]
