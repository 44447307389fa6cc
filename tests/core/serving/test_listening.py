import os
import socket
import threading
from pathlib import Path

import pytest

from dashboard.core.errors import Forbidden
from dashboard.core.serving import listening
from dashboard.core.serving.listening import listen


@pytest.fixture
def path() -> Path:
    """Short: a socket's path is limited to 107 bytes, and pytest's folders are deep."""
    import tempfile

    return Path(tempfile.mkdtemp()) / "private" / "engine.sock"


def test_only_we_can_reach_the_socket(path: Path) -> None:
    path.parent.mkdir(mode=0o755)
    with listen(path), socket.socket(socket.AF_UNIX) as client:
        assert path.parent.stat().st_mode & 0o777 == 0o700
        client.connect(os.fspath(path))
    assert not path.exists()


def test_the_socket_of_a_killed_engine_is_replaced(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(os.fspath(path))
    with listen(path), socket.socket(socket.AF_UNIX) as client:
        client.connect(os.fspath(path))


def test_a_folder_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = os.getuid()
    monkeypatch.setattr(listening.os, "getuid", lambda: uid + 1)
    with pytest.raises(Forbidden, match="belongs to another user"), listen(path):
        pass


def test_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    path.parent.symlink_to(tmp_path)
    with pytest.raises(Forbidden), listen(path):
        pass


def test_a_second_engine_waits_for_the_first(path: Path) -> None:
    second = threading.Event()

    def wait() -> None:
        with listen(path):
            second.set()

    with listen(path):
        thread = threading.Thread(target=wait)
        thread.start()
        assert not second.wait(0.2)
    assert second.wait(5)
    thread.join()
