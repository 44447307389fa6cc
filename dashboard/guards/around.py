"""All guards behind the gate, in the order in which a request meets them."""

from __future__ import annotations

from starlette.types import ASGIApp

from dashboard.core.serving.lane import MAX_QUEUED
from dashboard.core.settings import settings
from dashboard.guards.admission import Admission
from dashboard.guards.body_limits import BodyLimits
from dashboard.guards.client_limits import ClientLimits, Limits
from dashboard.guards.closed_paths import ClosedPaths
from dashboard.guards.head_limits import HeadLimits
from dashboard.guards.known_sites import KnownSites
from dashboard.guards.session_cap import SessionCap
from dashboard.guards.upload_budget import UploadBudget


def guarded(app: ASGIApp) -> ASGIApp:
    """Put the guards around the whole application."""
    configured = settings()
    # As many as may wait, so that what the engine works on leaves room for pages and widget.
    app = Admission(app, MAX_QUEUED)
    app = UploadBudget(app, configured.upload_mb)
    app = SessionCap(app, configured.max_sessions)
    app = BodyLimits(app)
    if configured.rate:
        # In a demo also on this machine: a proxy here that names no client would open the gate.
        limits = Limits(
            configured.rate,
            configured.burst,
            configured.concurrent,
            configured.client_mb,
            on_this_machine=configured.demo,
        )
        app = ClientLimits(app, limits)
    return HeadLimits(KnownSites(ClosedPaths(app)))
