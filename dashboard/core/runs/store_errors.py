"""What keeps the store of the runs from answering, in plain words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from dashboard.core.errors import DiskFull, LightboxError, Unavailable
from dashboard.core.settings import settings

_UNREACHABLE = ("INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE")  # MLflow's codes


def database() -> Path | None:
    """Return the SQLite file that holds the runs, if they are not kept elsewhere."""
    uri = settings().tracking_uri
    path = uri.removeprefix("sqlite:///")
    return Path(path) if path != uri else None


def in_plain_words(error: BaseException) -> LightboxError | None:
    """Return what to tell people of an error of MLflow, SQLAlchemy, SQLite or the network.

    None where it is of no such kind: a mistake of ours.
    """
    if isinstance(error, LightboxError):
        return error
    kind = sqlite_kind(error)
    if kind in ("BUSY", "LOCKED"):
        return Unavailable(
            "The store of the runs is busy just now. Nothing was changed; try again in a moment.",
            code="store_busy",
        )
    if kind == "FULL":
        return DiskFull("The disk is full, so nothing was saved. Free some space and try again.")
    if kind in ("READONLY", "CANTOPEN", "PERM"):
        return read_only()
    if kind in ("CORRUPT", "NOTADB"):
        return LightboxError(
            "The store of the runs, {file}, is damaged. Start Lightbox again: it then sets the "
            "file aside and begins a new one.",
            code="store_damaged",
            file=_name(),
        )
    code = getattr(error, "error_code", "")
    if kind or code in _UNREACHABLE or isinstance(error, OSError | ImportError):
        return unreachable()
    return None


def read_only() -> LightboxError:
    """Return the error of a store that may not be written."""
    return LightboxError(
        "The store of the runs, {file}, cannot be written, so runs can be neither started nor "
        "changed. Give the user who runs Lightbox the right to write it and its folder.",
        code="store_read_only",
        file=_name(),
    )


def unreachable() -> Unavailable:
    """Return the error of a store that does not answer."""
    return Unavailable(
        "The store of the runs, {where}, does not answer. Runs that train go on. See whether it "
        "runs, and whether MLFLOW_TRACKING_URI names it.",
        code="store_unreachable",
        where=_where(),
    )


def sqlite_kind(error: BaseException | None) -> str:
    """Return what SQLite calls its error, such as `"BUSY"`, if one is at the bottom of `error`."""
    while error:
        for found in (error, getattr(error, "orig", None)):
            if isinstance(found, sqlite3.Error):
                return getattr(found, "sqlite_errorname", "SQLITE_ERROR").split("_")[1]
        error = error.__cause__ or error.__context__
    return ""


def _where() -> str:
    """Return the address without the password that may stand in it."""
    scheme, _, rest = settings().tracking_uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"[:200]


def _name() -> str:
    path = database()
    return path.name if path else _where()
