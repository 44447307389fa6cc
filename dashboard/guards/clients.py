"""Who asks."""

from __future__ import annotations

import ipaddress

from starlette.types import Scope

_IPV6_SITE = 64
"""A household or a host gets that many bits of an IPv6 address, and may choose the others."""


def client_of(scope: Scope) -> str:
    """Return the client's address as far as it is not of its own choice; empty if on this machine.

    Uvicorn has put what a trusted proxy says into the scope.
    """
    host = (scope.get("client") or ("unknown", 0))[0][:64]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            if address.is_loopback:
                return ""
            network = int(address) >> (128 - _IPV6_SITE)
            return f"{network:x}::"
        address = address.ipv4_mapped
    return "" if address.is_loopback else str(address)
