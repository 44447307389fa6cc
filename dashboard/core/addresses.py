"""Under which addresses Lightbox is reached, and whose pages may talk to it."""

from __future__ import annotations

import socket
from functools import cache
from urllib.parse import urlsplit

from dashboard.core.settings import LOOPBACK, is_network, settings


def is_our_host(host: str) -> bool:
    """Whether a `Host` header names this Lightbox.

    A page of another site can read what its own name leads to, and its owner decides where that
    is: it may be this machine (DNS rebinding). So on a loopback address only loopback names are
    ours, elsewhere addresses in figures and the machine's own name, and anywhere the hosts of
    `LIGHTBOX_ORIGINS`.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:  # brackets around what is no address
        return False
    if name in LOOPBACK or host in (urlsplit(origin).netloc for origin in settings().origins):
        return True
    return not settings().loopback and (name == _own_name() or is_network(name))


def is_our_page(origin: str, host: str) -> bool:
    """Whether a page of `origin`, as the header says, may talk to this Lightbox at `host`."""
    return urlsplit(origin).netloc == host or origin in settings().origins


@cache
def _own_name() -> str:
    return socket.gethostname().lower()
