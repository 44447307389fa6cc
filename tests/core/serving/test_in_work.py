"""Who is suspected, who is refused, and who gets through."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from dashboard.core.errors import InvalidInput, Unavailable
from dashboard.core.serving import in_work
from dashboard.core.serving.in_work import InWork


def dies(folder: Path, *pictures: bytes | None, on_purpose: bool = False) -> None:
    """Let a process die while it works on these."""
    child = os.fork()
    if not child:
        works = InWork(folder)
        working = [works.working(picture, 10) for picture in pictures]
        for each in working:
            each.__enter__()
        if on_purpose:
            works.close()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def ask(works: InWork, picture: bytes) -> str:
    try:
        with works.working(picture, 10):
            return "answered"
    except (InvalidInput, Unavailable) as error:
        return error.code


def test_a_picture_is_refused_after_the_second_death(tmp_path: Path) -> None:
    dies(tmp_path, b"killer")
    dies(tmp_path, b"killer")
    for _ in range(2):  # the next engine knows it too
        works = InWork(tmp_path)
        assert [ask(works, picture) for picture in (b"killer", b"other")] == [
            "quarantined", "answered"
        ]  # fmt: skip


def test_who_was_only_there_is_not_refused(tmp_path: Path) -> None:
    dies(tmp_path, b"killer", b"bystander")
    dies(tmp_path, b"killer", b"another bystander")
    works = InWork(tmp_path)
    found = [ask(works, name) for name in (b"killer", b"bystander", b"another bystander")]
    assert found == ["quarantined", "answered", "answered"]


def test_who_gets_through_is_suspected_no_longer(tmp_path: Path) -> None:
    dies(tmp_path, b"picture")
    works = InWork(tmp_path)
    assert ask(works, b"picture") == "answered"
    dies(tmp_path, b"picture")  # of something else again
    assert ask(InWork(tmp_path), b"picture") == "answered"


def test_a_picture_that_is_no_picture_is_acquitted_too(tmp_path: Path) -> None:
    dies(tmp_path, b"rubbish")
    with pytest.raises(ZeroDivisionError), InWork(tmp_path).working(b"rubbish", 10):
        raise ZeroDivisionError
    dies(tmp_path, b"rubbish")
    assert ask(InWork(tmp_path), b"rubbish") == "answered"


def test_suspects_are_worked_on_one_at_a_time(tmp_path: Path) -> None:
    dies(tmp_path, b"one", b"two")
    works = InWork(tmp_path)
    with works.working(b"one", 10):
        assert [ask(works, name) for name in (b"two", b"one", b"three")] == [
            "engine_busy", "engine_busy", "answered"
        ]  # fmt: skip
    assert ask(works, b"two") == "answered"


def test_a_picture_that_hangs_takes_one_thread_only(tmp_path: Path) -> None:
    works = InWork(tmp_path)
    with works.working(b"hangs", 0):
        assert works.overdue()
        assert [ask(works, name) for name in (b"hangs", b"other")] == ["engine_busy", "answered"]
    assert not works.overdue()


def test_an_end_on_purpose_makes_nobody_suspect(tmp_path: Path) -> None:
    for _ in range(2):
        dies(tmp_path, b"picture", on_purpose=True)
    assert ask(InWork(tmp_path), b"picture") == "answered"


def test_what_is_no_picture_is_never_refused(tmp_path: Path) -> None:
    for _ in range(3):
        dies(tmp_path, None)
    works = InWork(tmp_path)
    with works.working(None, 10), works.working(None, 10):
        pass


def test_the_oldest_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_work, "MAX_REMEMBERED", 2)
    for name in (b"1", b"2", b"3"):
        dies(tmp_path, name)
        dies(tmp_path, name)
    works = InWork(tmp_path)
    assert [ask(works, name) for name in (b"1", b"2", b"3")] == [
        "answered", "quarantined", "quarantined"
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"suspected": 1, "refused": [2]}'])
def test_a_damaged_memory_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "judged.json").write_bytes(content)
    (tmp_path / "in-work").write_bytes(b"torn")
    assert ask(InWork(tmp_path), b"picture") == "answered"
