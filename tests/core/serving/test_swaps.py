"""Versions that come and go, whole and broken, under a stream of requests to a real engine."""

import itertools
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dashboard.core.atomic import write_bytes
from dashboard.core.models.card import Card, load_card, save_card
from dashboard.core.models.store import get_model, publish
from dashboard.core.serving.client import EngineClient
from dashboard.core.serving.process import EngineProcess
from dashboard.core.serving.question import Question
from dashboard.core.settings import settings
from tests.waiting import wait_for

pytestmark = pytest.mark.filterwarnings(
    r"ignore:unclosed <socket.socket fd=\d+, family=1:ResourceWarning"
)


def sound(folder: Path) -> None:
    """Leave the model as it is."""


def truncated(folder: Path) -> None:
    content = (folder / "model.keras").read_bytes()
    (folder / "model.keras").write_bytes(content[: len(content) // 2])


def garbage_weights(folder: Path) -> None:
    path = folder / "openvino/model.bin"
    four, other = np.float32(4).tobytes(), np.float32(-4).tobytes()  # it would answer wrongly
    path.write_bytes(path.read_bytes().replace(four, other))


def garbage_graph(folder: Path) -> None:
    (folder / "openvino/model.xml").write_bytes(b"<net")


def without_model(folder: Path) -> None:
    (folder / "model.keras").unlink()


def without_card(folder: Path) -> None:
    (folder / "card.json").unlink()


DAMAGES = (sound, truncated, sound, garbage_weights, garbage_graph, without_model, without_card)
ANSWERING = (sound, garbage_weights, garbage_graph)
"""Where the export is damaged the Keras file is not, and serves."""


class Crowd:
    """Threads that ask the engine without a pause and remember what they heard."""

    def __init__(self, client: EngineClient, image: bytes, threads: int) -> None:
        self.heard: set[tuple[str, str]] = set()
        self.failures: list[Exception] = []
        self.n = 0
        self._done = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(client, image)) for _ in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def _ask(self, client: EngineClient, image: bytes) -> None:
        while not self._done.is_set():
            try:
                answer = client.classify(image, Question(model="m", top=1))
                self.heard.add((answer.version, answer.predictions[0].label))
            except Exception as error:
                self.failures.append(error)
            self.n += 1

    def end(self) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()


def put(folder: Path, version: str, damage: Callable[[Path], None]) -> None:
    """Put a version in use as `publish` does, but damaged."""
    target = settings().models / "m" / version
    shutil.copytree(folder, target)
    damage(target)
    write_bytes(target.parent / "current", version.encode())


def test_no_request_fails_and_none_is_answered_wrongly(
    home: Path, model_folder: Path, image: bytes, client: EngineClient, tmp_path: Path
) -> None:
    first = publish(model_folder, "m")
    expected = {first.version: "green"}
    process = EngineProcess()
    process.start()
    try:
        wait_for(client.ready)
        crowd = Crowd(client, image, threads=6)
        for i, damage in zip(range(1, 15), itertools.cycle(DAMAGES)):
            version, label = f"{i:012x}", f"green {i}"
            put(relabelled(model_folder, tmp_path / version, version, label), version, damage)
            if damage in ANSWERING:
                expected[version] = label
                wait_for(lambda v=version: (v, expected[v]) in crowd.heard)  # type: ignore[misc]
            else:
                wait_for(lambda v=version, d=damage: told(client, v, d))  # type: ignore[misc]
        crowd.end()
        assert crowd.failures == []
        assert crowd.heard == set(expected.items())
        assert get_model("m", first.version).card == first  # it is not the store that helped
    finally:
        process.stop()


def told(client: EngineClient, version: str, damage: Callable[[Path], None]) -> bool:
    seen = "" if damage is without_card else version
    return [(fault["model"], fault["version"]) for fault in client.faults()] == [("m", seen)]


def relabelled(source: Path, target: Path, version: str, label: str) -> Path:
    """Copy the model with another version and another word for green."""
    shutil.copytree(source, target)
    card = load_card(target)
    fields = card.model_dump(exclude={"tasks"})
    fields |= {"name": "m", "version": version, "classes": ("red", label, "blue")}
    save_card(Card(**fields), target)
    return target


def test_files_that_are_damaged_in_place_and_then_gone_do_no_harm(
    home: Path, image: bytes, client: EngineClient
) -> None:
    # A large one: reading what is gone of a mapped file ends a process.
    publish(settings().shipped_models / "cifar10", "m")
    folder = get_model("m").folder
    process = EngineProcess()
    process.start()
    try:
        wait_for(client.ready)
        engine, crowd = process.pid, Crowd(client, image, threads=4)
        let_ask(crowd)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            os.truncate(path, 0)
            let_ask(crowd)
        shutil.rmtree(folder)
        let_ask(crowd)
        crowd.end()
        assert crowd.failures == []
        assert len(crowd.heard) == 1
        assert process.pid == engine
    finally:
        process.stop()


def let_ask(crowd: Crowd) -> None:
    so_far = crowd.n
    wait_for(lambda: crowd.n > so_far + 50)
