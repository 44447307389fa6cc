"""Only the names of this Lightbox, and only its own pages."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Scope

from dashboard.core.addresses import is_our_host, is_our_page
from dashboard.core.errors import Forbidden, LightboxError
from dashboard.guards.refusing import Refusing


class KnownSites(Refusing):
    """Refuses requests that come under a foreign name or from a page of another site.

    Reading too: browsers name the page in every WebSocket and in every request whose answer its
    script could read, and Gradio allows any site wherever it is not on this machine. What sends
    no `Host` is no browser.
    """

    def error(self, scope: Scope) -> LightboxError | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host"), headers.get("origin")
        if host is not None and not is_our_host(host):
            return Forbidden(
                "Lightbox is not known under this name. Whoever runs it can list the address in "
                "LIGHTBOX_ORIGINS.",
                code="foreign_host",
            )
        if origin is not None and not is_our_page(origin, host or ""):
            return Forbidden("Requests from another site are refused.", code="foreign_origin")
        return None
