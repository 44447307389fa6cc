"""A foreign model becomes a published one. No Keras here: a process of its own opens the file."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.core.atomic import exclusive, temporary_folder
from dashboard.core.errors import Forbidden, InvalidInput, LightboxError, NotFound, UnsupportedMedia
from dashboard.core.models.backbones import get_backbone
from dashboard.core.models.card import Card
from dashboard.core.models.foreign import limits, verdicts
from dashboard.core.models.foreign.conventions import get_convention
from dashboard.core.models.foreign.request import APPLICATION, Found, ImportRequest
from dashboard.core.models.store import check_name, publish
from dashboard.core.settings import REPOSITORY, settings
from dashboard.core.text import mark

FORMATS = {".keras": b"PK", ".h5": b"\x89HDF", ".hdf5": b"\x89HDF"}
"""How names of files end that are taken, and how their content begins."""

STAGES = {
    "scanning": mark("Looking at the file"),
    "loading": mark("Loading the network"),
    "exporting": mark("Trying and exporting it"),
}

_LOCK = ".importing"
"""One import at a time: each may take gigabytes."""

OnStage = Callable[[str], None]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Imported:
    """A published model that came from elsewhere, and what was found out about it."""

    card: Card
    found: Found


def import_model(request: ImportRequest, on_stage: OnStage | None = None) -> Imported:
    """Import a foreign model and make it the current version under its name.

    The file is scanned, loaded, adapted and exported in a jailed process; see `jail`.

    Args:
        request: What is to be made of which file.
        on_stage: Told the id of each stage of `STAGES`.

    Raises:
        Forbidden: In demo mode.
        LightboxError: Why the model is not taken; see `verdicts`.
    """
    if settings().demo:
        raise Forbidden("This is a demo: nothing can be changed here.", code="demo")
    check_name(request.name)
    if request.convention:
        get_convention(request.convention)
    _check_source(request)
    with temporary_folder(settings().models) as folder, exclusive(settings().models / _LOCK):
        found = _ask(request, folder, on_stage or (lambda stage: None))
        return Imported(publish(folder, request.name), found)


def _check_source(request: ImportRequest) -> None:
    if request.source.startswith(APPLICATION):
        get_backbone(request.source.removeprefix(APPLICATION))
        return
    if not request.classes:
        raise InvalidInput(
            "Give the classes of the model, one label per line in the order of its outputs.",
            code="no_classes",
        )
    path = Path(request.source)
    if not path.exists():
        raise NotFound(
            "There is no model file at “{path}”. Give a file, or keras: and the name of a network.",
            code="source_not_found",
            path=str(path)[:200],
        )
    start = FORMATS.get(path.suffix.lower())
    if start is None or path.is_dir():
        raise UnsupportedMedia(
            "“{file}” is not a kind of model Lightbox takes. It takes: {choices}, as Keras saves "
            "whole models. Load yours where it was made and save it with `model.save`.",
            code="unsupported_format",
            file=path.name[:80],
            choices=", ".join(FORMATS),
        )
    size = path.stat().st_size
    if size > limits.MAX_BYTES:
        raise verdicts.too_many_bytes(round(size / 10**6), limits.MAX_BYTES // 10**6)
    with path.open("rb") as file:
        if not file.read(8).startswith(start):
            raise verdicts.corrupt()


def _ask(request: ImportRequest, folder: Path, say: OnStage) -> Found:
    """Let the child answer; its log is in ours where it dies without a word."""
    log = folder / "child.log"
    command = [sys.executable, "-P", "-m", "dashboard.core.models.foreign.child", str(folder)]
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            cwd=folder,
            env=_environment(request, folder),
        ) as child,
    ):
        said, late = _listen(child, request, say)
    if "found" in said:
        return Found.from_json(said["found"])
    logged = log.read_text(errors="replace")[-2000:]
    if "error" in said:
        logger.info("A model was not imported: %s\n%s", said["error"]["code"], logged)
        raise LightboxError.from_json(said["error"])
    logger.error(
        "The process that loads a model died with status %s:\n%s", child.returncode, logged
    )
    raise _death(child.returncode, late)


def _death(status: int, late: bool) -> LightboxError:
    """Return what the end of a child means that said nothing.

    Args:
        status: Its exit status; of a signal, its number below zero.
        late: Whether we ended it ourselves.
    """
    if late or status == -signal.SIGXCPU:
        return verdicts.too_slow()
    if status in (-signal.SIGKILL, -signal.SIGABRT):  # by the kernel, or by C++ without memory
        return verdicts.too_much_memory()
    return verdicts.corrupt()


def _listen(
    child: subprocess.Popen[str], request: ImportRequest, say: OnStage
) -> tuple[dict[str, Any], bool]:
    """Return the last thing the child said, and whether it was ended for being late."""
    assert child.stdin is not None
    assert child.stdout is not None
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(limits.WALL_S, end)
    timer.start()
    said: dict[str, Any] = {}
    try:
        json.dump(_absolute(request), child.stdin)
        child.stdin.close()
        for line in child.stdout:
            said = json.loads(line)
            if "stage" in said:
                say(str(said["stage"]))
    finally:
        timer.cancel()
        child.kill()
    return said, late.is_set()


def _absolute(request: ImportRequest) -> dict[str, Any]:
    """Return the request with paths that hold in the child's folder too."""
    data = request.to_json()
    if not request.source.startswith(APPLICATION):
        data["source"] = os.path.abspath(request.source)
    if request.picture:
        data["picture"] = os.path.abspath(request.picture)
    return data


def _environment(request: ImportRequest, folder: Path) -> dict[str, str]:
    """Return what the child needs to know of this machine, and nothing secret."""
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
    environment = {key: os.environ[key] for key in kept if key in os.environ}
    environment |= {
        "PYTHONPATH": os.fspath(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CUDA_VISIBLE_DEVICES": "-1",  # a GPU's memory cannot be limited
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TMPDIR": os.fspath(folder),
        "LIGHTBOX_HOME": os.fspath(settings().home),
    }
    if request.source.startswith(APPLICATION):  # keeps what it fetched, and may need a proxy
        fetching = ("HOME", "KERAS_HOME", "HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE")
        return environment | {key: os.environ[key] for key in fetching if key in os.environ}
    return environment | {"HOME": os.fspath(folder), "KERAS_HOME": os.fspath(folder)}
