"""Who counts as one client."""

from __future__ import annotations

import pytest

from dashboard.guards.clients import client_of


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002::"),
        ("2001:db8:1:2:ffff::1", "20010db800010002::"),  # the same household
        ("2001:db8:1:3::1", "20010db800010003::"),
        ("127.0.0.1", ""),
        ("127.8.9.10", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("unix:", "unix:"),
        ("x" * 1000, "x" * 64),
    ],
)
def test_clients(host: str, client: str) -> None:
    assert client_of({"client": (host, 1)}) == client


def test_nobody_is_somebody() -> None:
    assert client_of({"client": None}) == "unknown"
    assert client_of({}) == "unknown"
