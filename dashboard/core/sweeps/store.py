"""The sweeps of the home.

    <home>/sweeps/<id>/sweep.toml    what is to be tried
    <home>/sweeps/<id>/state.json    what has become of it

What was tried and how it went is not kept here: that are the runs, which carry the sweep's id.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from dashboard.core.atomic import exclusive, new_folder, write_bytes
from dashboard.core.errors import Conflict, LightboxError, NotFound
from dashboard.core.settings import settings
from dashboard.core.sweeps.sweep import Sweep, check_dataset, parse_sweep_toml

Status = Literal["running", "stopping", "stopped", "finished", "failed"]
ACTIVE: tuple[Status, ...] = ("running", "stopping")

_FILE, _STATE = "sweep.toml", "state.json"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoredSweep:
    """A sweep as it stands now.

    Attributes:
        id: 12 hexadecimal digits.
        name: Shown to people.
        status: `"stopping"` until its active runs have ended.
        created: Unix seconds.
        error: Why it failed: see `LightboxError.to_json`.
    """

    id: str
    name: str
    status: Status
    created: float
    error: dict[str, Any] | None = None

    @property
    def active(self) -> bool:
        """Whether it may still change by itself."""
        return self.status in ACTIVE

    @property
    def text(self) -> str:
        """The content of its file; `NotFound` if somebody has removed it."""
        try:
            return (folder(self.id) / _FILE).read_text("utf-8", errors="replace")
        except FileNotFoundError as error:
            raise _missing(self.id) from error

    @property
    def sweep(self) -> Sweep:
        """What is to be tried; its data set may be gone."""
        return parse_sweep_toml(self.text)


def folder(sweep_id: str) -> Path:
    """Return the folder of a sweep."""
    if not re.fullmatch("[0-9a-f]{12}", sweep_id):
        raise _missing(sweep_id)
    return settings().sweeps / sweep_id


def create(sweep: Sweep, text: str = "") -> str:
    """Keep a sweep, for the driver to work off, and return its id.

    Args:
        sweep: A checked sweep.
        text: It as it was written, with its comments; made from `sweep` if empty.

    Raises:
        NotFound: There is no such data set.
        InvalidInput: The data set does not fit one of the recipes.
    """
    check_dataset(sweep)
    stored = StoredSweep(secrets.token_hex(6), sweep.name, "running", time.time())
    with new_folder(folder(stored.id)) as made:
        (made / _FILE).write_text(text or sweep.to_toml(), "utf-8")
        (made / _STATE).write_text(json.dumps(asdict(stored)), "utf-8")
    return stored.id


def get(sweep_id: str) -> StoredSweep:
    """Return a sweep; `NotFound` if there is none with this id."""
    try:
        return _read(folder(sweep_id) / _STATE)
    except FileNotFoundError as error:
        raise _missing(sweep_id) from error


def list_sweeps() -> list[StoredSweep]:
    """Return all sweeps, the newest first."""
    found = []
    for path in settings().sweeps.glob(f"[0-9a-f]*/{_STATE}"):
        try:
            found.append(_read(path))
        except (OSError, ValueError, TypeError):  # deleted meanwhile, or changed by hand
            _LOG.warning("cannot be read: %s", path)
    return sorted(found, key=lambda stored: stored.created, reverse=True)


def stop(sweep_id: str) -> None:
    """Start no more runs of a sweep; the driver stops those that are active."""
    ended = Conflict("The sweep has already ended.", code="sweep_ended")
    change(sweep_id, ACTIVE, "stopping", ended)


def resume(sweep_id: str) -> None:
    """Let a sweep that was stopped or failed go on with the runs that are missing."""
    wrong = Conflict(
        "Only a sweep that was stopped or failed can go on.", code="sweep_not_resumable"
    )
    change(sweep_id, ("stopped", "failed"), "running", wrong)


def delete(sweep_id: str) -> None:
    """Take an ended sweep out of the list. Its runs stay."""
    if get(sweep_id).active:
        raise Conflict("The sweep is still active. Stop it first.", code="sweep_active")
    shutil.rmtree(folder(sweep_id))


def change(
    sweep_id: str,
    before: Sequence[Status],
    after: Status,
    otherwise: LightboxError | None = None,
    error: LightboxError | None = None,
) -> None:
    """Move a sweep from one of the states `before` to `after`.

    Args:
        sweep_id: Which sweep.
        before: What it may be in.
        after: What it becomes.
        otherwise: Raised if it is in another state, which is kept.
        error: Why it failed.
    """
    get(sweep_id)
    with exclusive(folder(sweep_id) / "lock"):
        stored = get(sweep_id)
        if stored.status in before:
            reason = error.to_json() if error else None
            changed = replace(stored, status=after, error=reason)
            write_bytes(folder(sweep_id) / _STATE, json.dumps(asdict(changed)).encode())
        elif otherwise:
            raise otherwise


def _read(path: Path) -> StoredSweep:
    return StoredSweep(**json.loads(path.read_text("utf-8")))


def _missing(sweep_id: str) -> NotFound:
    return NotFound(
        "There is no sweep “{value}”. The list of sweeps shows those there are.",
        code="sweep_not_found",
        value=sweep_id[:40],
    )
