"""Files from the network: fetched once, checked against a published hash, kept in the home."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from dashboard.core.atomic import disk_errors
from dashboard.core.errors import Unavailable
from dashboard.core.settings import settings

Progress = Callable[[int, int, str], None]
"""`(done, total, stage)`, as in `importer`; here bytes, and the stage is `"fetching"`."""

_PATIENCE_S = 30.0  # without a single byte
_BLOCK_BYTES = 2**20


def fetch(url: str, sha256: str, say: Progress) -> Path:
    """Return a copy of the file at `url`; only the first call needs the network.

    Args:
        url: Written by us, never by a user.
        sha256: 64 hexadecimal digits; anything else is thrown away.
        say: Told of each megabyte.

    Raises:
        Unavailable: `no_network`, `download_refused` or `bad_checksum`.
        DiskFull: It does not fit.
    """
    host, name = urllib.parse.urlsplit(url).netloc, url.rsplit("/", 1)[-1]
    path = settings().home / "downloads" / f"{sha256[:12]}-{name}"
    if path.is_file():  # it became this name only after its hash was right
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            found = _copy(url, host, file, say)
        if found != sha256:
            raise Unavailable(
                "What {host} sent as “{file}” is not the published file, so it was not used. Try "
                "again later.",
                code="bad_checksum",
                host=host,
                file=name,
            )
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return path


def _copy(url: str, host: str, file: IO[bytes], say: Progress) -> str:
    """Write the answer of `url` to `file` and return its hash."""
    digest, done = hashlib.sha256(), 0
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            while block := answer.read(_BLOCK_BYTES):
                with disk_errors():
                    file.write(block)
                digest.update(block)
                done += len(block)
                say(done, max(total, done), "fetching")
    except urllib.error.HTTPError as error:
        error.close()
        raise Unavailable(
            "{host} does not hand out “{file}” (HTTP {status}). Try again later, or import the "
            "images as a zip.",
            code="download_refused",
            host=host,
            file=url.rsplit("/", 1)[-1],
            status=error.code,
        ) from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as e:
        raise Unavailable(
            "{host} cannot be reached, so “{file}” could not be fetched. Check the network and "
            "try again, or import the images as a zip.",
            code="no_network",
            host=host,
            file=url.rsplit("/", 1)[-1],
        ) from e
    return digest.hexdigest()
