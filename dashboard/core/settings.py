"""What can be configured, read once from the environment."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboard.core.errors import InvalidInput

REPOSITORY = Path(__file__).parents[2]
"""The checkout: shipped models and assets lie under it."""

_ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]_-]+/?").fullmatch
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+").fullmatch

_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Names of this machine that no other machine can reach."""


@dataclass(frozen=True)
class Settings:
    """Where things lie and who may do what.

    Attributes:
        home: Folder of everything Lightbox stores (`LIGHTBOX_HOME`).
        host: Address to listen on (`LIGHTBOX_HOST`).
        port: TCP port (`PORT`).
        demo: Visitors may look, classify and explain, but change nothing (`LIGHTBOX_DEMO`).
        token: Secret that allows changes when the host is not a loopback address
            (`LIGHTBOX_TOKEN`; made and printed at start if absent).
        tracking_uri: Where MLflow keeps the runs (`MLFLOW_TRACKING_URI`).
        max_running: Runs that may train at the same time (`LIGHTBOX_MAX_RUNNING`).
        max_models: Models kept in memory (`LIGHTBOX_MAX_MODELS`).
        model_memory_mb: How large their weights may be together, in MB
            (`LIGHTBOX_MODEL_MEMORY_MB`).
        fast: Classify in bfloat16 where the processor can (`LIGHTBOX_FAST`): about twice as
            fast, and a few answers differ; a model's card counts them.
        max_batch: Images that wait at the same time and go through the network together
            (`LIGHTBOX_MAX_BATCH`); 1: each by itself, 0: 8 on a GPU, elsewhere 1.
        batch_wait_ms: How long they wait for each other (`LIGHTBOX_BATCH_WAIT_MS`).
        feedback: Whether visitors may hand in pictures with their right class
            (`LIGHTBOX_FEEDBACK`; off by default in a demo).
        editors: E-mail addresses, in lower case, of those who may change something after they
            have signed in (`LIGHTBOX_EDITORS`, separated by commas; see `secrets_file`).
        mcp: Whether agents may ask by MCP, at `/mcp` (`LIGHTBOX_MCP`).
        origins: Public addresses, such as `https://demo.example.org`, where a name leads here
            (`LIGHTBOX_ORIGINS`, separated by commas).
        proxies: Addresses or networks of the proxies in front, whose `X-Forwarded-For` and
            `X-Forwarded-Proto` are believed (`LIGHTBOX_PROXIES`, separated by commas).
        rate: Questions to a model that a client may ask per second in the long run
            (`LIGHTBOX_RATE`); 0: nothing is limited.
        burst: How many of them at once (`LIGHTBOX_BURST`).
        concurrent: How many of them may be under way (`LIGHTBOX_CONCURRENT`).
        client_mb: What a client may send per minute, in MB (`LIGHTBOX_CLIENT_MB`).
        max_sessions: Pages that may be open at the same time (`LIGHTBOX_MAX_SESSIONS`).
        upload_mb: Uploads of all visitors together, in MB: those of the pages in memory, and as
            much again of the widget on disk (`LIGHTBOX_UPLOAD_MB`).
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = 8501
    demo: bool = False
    token: str = ""
    tracking_uri: str = ""
    max_running: int = 1
    max_models: int = 4
    model_memory_mb: int = 1024
    fast: bool = False
    max_batch: int = 0
    batch_wait_ms: int = 0
    feedback: bool = True
    editors: tuple[str, ...] = ()
    mcp: bool = False
    origins: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    rate: int = 5
    burst: int = 20
    concurrent: int = 8
    client_mb: int = 400
    max_sessions: int = 100
    upload_mb: int = 1024

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; a value that does not fit raises `InvalidInput` naming its key."""
        home = Path(environ.get("LIGHTBOX_HOME") or ".lightbox").expanduser().resolve()
        demo = _switch(environ, "LIGHTBOX_DEMO", False)
        return cls(
            home=home,
            host=environ.get("LIGHTBOX_HOST") or cls.host,
            port=_integer(environ, "PORT", cls.port, 1, 65535),
            demo=demo,
            token=environ.get("LIGHTBOX_TOKEN", ""),
            tracking_uri=environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home / 'mlflow.db'}",
            max_running=_integer(environ, "LIGHTBOX_MAX_RUNNING", cls.max_running, 1, 64),
            max_models=_integer(environ, "LIGHTBOX_MAX_MODELS", cls.max_models, 1, 1000),
            model_memory_mb=_integer(
                environ, "LIGHTBOX_MODEL_MEMORY_MB", cls.model_memory_mb, 1, 1_000_000
            ),
            fast=_switch(environ, "LIGHTBOX_FAST", False),
            max_batch=_integer(environ, "LIGHTBOX_MAX_BATCH", cls.max_batch, 0, 64),
            batch_wait_ms=_integer(environ, "LIGHTBOX_BATCH_WAIT_MS", cls.batch_wait_ms, 0, 1000),
            feedback=_switch(environ, "LIGHTBOX_FEEDBACK", not demo),
            editors=_listed(environ, "LIGHTBOX_EDITORS", _EMAIL, "ada@example.org"),
            mcp=_switch(environ, "LIGHTBOX_MCP", False),
            origins=tuple(
                origin.rstrip("/")
                for origin in _listed(
                    environ, "LIGHTBOX_ORIGINS", _ORIGIN, "https://demo.example.org"
                )
            ),
            proxies=_listed(environ, "LIGHTBOX_PROXIES", is_network, "10.0.0.0/8") or cls.proxies,
            rate=_integer(environ, "LIGHTBOX_RATE", cls.rate, 0, 10_000),
            burst=_integer(environ, "LIGHTBOX_BURST", cls.burst, 1, 100_000),
            concurrent=_integer(environ, "LIGHTBOX_CONCURRENT", cls.concurrent, 1, 10_000),
            client_mb=_integer(environ, "LIGHTBOX_CLIENT_MB", cls.client_mb, 1, 1_000_000),
            max_sessions=_integer(environ, "LIGHTBOX_MAX_SESSIONS", cls.max_sessions, 1, 100_000),
            upload_mb=_integer(environ, "LIGHTBOX_UPLOAD_MB", cls.upload_mb, 1, 1_000_000),
        )

    @property
    def datasets(self) -> Path:
        """Folder of imported data sets."""
        return self.home / "datasets"

    @property
    def models(self) -> Path:
        """Folder of published models."""
        return self.home / "models"

    @property
    def networks(self) -> Path:
        """Folder of custom networks."""
        return self.home / "networks"

    @property
    def runs(self) -> Path:
        """Folder of what runs write: logs, checkpoints, artifacts."""
        return self.home / "runs"

    @property
    def sweeps(self) -> Path:
        """Folder of what sweeps are to try."""
        return self.home / "sweeps"

    @property
    def feedback_folder(self) -> Path:
        """Folder of the pictures visitors handed in, until somebody has looked at them."""
        return self.home / "feedback"

    @property
    def secrets_file(self) -> Path:
        """What Streamlit must know of the OpenID Connect provider, in a table `[auth]`."""
        return self.home / "secrets.toml"

    @property
    def shipped_models(self) -> Path:
        """Read-only folder of the models that come with the checkout."""
        return REPOSITORY / "models"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the port."""
        return self.host in LOOPBACK

    @property
    def temporary(self) -> Path:
        """Folder of this home in the system's temporary one, for us alone."""
        digest = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"lightbox-{os.getuid()}-{digest}"

    @property
    def engine_socket(self) -> Path:
        """Unix socket of the engine: not in the home, since a socket's path is limited to 107
        bytes and the home may lie deeper than that."""
        return self.temporary / "engine.sock"


def _integer(environ: Mapping[str, str], key: str, default: int, low: int, high: int) -> int:
    text = environ.get(key) or str(default)
    if not text.isdecimal() or len(text) > 9 or not low <= int(text) <= high:
        raise InvalidInput(
            "{key} must be a whole number from {low} to {high}; received “{value}”.",
            code="invalid_setting",
            key=key,
            low=low,
            high=high,
            value=text[:40],
        )
    return int(text)


def _switch(environ: Mapping[str, str], key: str, default: bool) -> bool:
    text = environ.get(key) or ("1" if default else "0")
    if text.lower() not in (*_ON, *_OFF):  # a demo that is silently none would let visitors change
        raise InvalidInput(
            "{key} must be one of {choices}; received “{value}”.",
            code="invalid_setting",
            key=key,
            choices=", ".join((*_ON, *_OFF)),
            value=text[:40],
        )
    return text.lower() in _ON


def _listed(
    environ: Mapping[str, str], key: str, fits: Callable[[str], object], example: str
) -> tuple[str, ...]:
    items = tuple(item.strip().lower() for item in environ.get(key, "").split(",") if item.strip())
    for item in items:
        if not fits(item):
            raise InvalidInput(
                "{key} must list what looks like {example}, separated by commas; received "
                "“{value}”.",
                code="invalid_setting",
                key=key,
                example=example,
                value=item[:40],
            )
    return items


def is_network(text: str) -> bool:
    """Whether it is an address in figures, or a network such as `10.0.0.0/8`."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_environment()
