"""What a process in the jail can still do, tried from inside."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.core.models.foreign import limits
from dashboard.core.settings import REPOSITORY

TRIES = {
    "another program": "import subprocess; subprocess.run(['touch', canary])",
    "a shell": "import os; os.system('touch ' + canary)",
    "a fork": "import os; os.fork()",
    "writing": "open(canary, 'w')",
    "writing below": "import os; os.open(canary, os.O_WRONLY | os.O_CREAT)",
    "a new folder": "import os; os.mkdir(canary)",
    "removing": "import os; os.remove(victim)",
    "moving in": "import os; os.rename(victim, 'mine')",
    "linking": "import os; os.symlink('mine', canary)",
    "a connection": "import socket; socket.create_connection(('127.0.0.1', port))",
    "an address": "import socket; socket.getaddrinfo('example.org', 80)",
    "a download": "import urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{port}/')",
}


def inside(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    start = (
        "import sys; from pathlib import Path; from dashboard.core.models.foreign import jail\n"
        "jail.limit(); refused = jail.confine(Path.cwd())\n"
    )
    return subprocess.run(
        [sys.executable, "-P", "-c", start + code],
        cwd=folder, env={"PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("what", TRIES)
def test_it_is_refused(what: str, tmp_path: Path) -> None:
    folder, victim = tmp_path / "own", tmp_path / "victim"
    folder.mkdir()
    victim.write_text("whole")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        known = f"canary, victim, port = {str(tmp_path / 'canary')!r}, {str(victim)!r}, "
        code = f"{known}{server.getsockname()[1]}\n"
        code += f"try:\n    {TRIES[what]}\nfinally:\n    print(*refused)"
        done = inside(folder, code)
        with pytest.raises(TimeoutError):
            server.accept()
    assert "is refused while a foreign model is loaded" in done.stderr
    assert done.stdout.strip()
    assert victim.read_text() == "whole"
    assert not (tmp_path / "canary").exists()


def test_its_own_folder_is_free(tmp_path: Path) -> None:
    done = inside(tmp_path, "Path('mine').mkdir(); Path('mine/a').write_text('b'); print(refused)")
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert (tmp_path / "mine" / "a").read_text() == "b"


def test_memory_is_limited_for_good(tmp_path: Path) -> None:
    code = (
        "import resource\n"
        "try: resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n"
        "except (ValueError, PermissionError): pass\n"
        f"bytearray({limits.MEMORY_BYTES})"
    )
    done = inside(tmp_path, code)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    assert "MemoryError" in done.stderr, hard


def test_files_are_limited(tmp_path: Path) -> None:
    code = (
        "import errno\ntry: open('big', 'wb').truncate(2**31)\nexcept OSError as e: print(e.errno)"
    )
    assert inside(tmp_path, code).stdout.strip() == "27"  # EFBIG
