"""The command that serves Lightbox."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from dashboard.commands.terminal import Home
from dashboard.core.settings import settings


def run(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Visitors can change nothing.")] = False,
    mcp: Annotated[bool, typer.Option("--mcp", help="Agents may ask, at /mcp.")] = False,
    home: Home = None,
) -> None:
    """Start Lightbox and serve it until Ctrl+C."""
    chosen = {
        "LIGHTBOX_HOST": host,
        "PORT": port,
        "LIGHTBOX_DEMO": "1" if demo else None,
        "LIGHTBOX_MCP": "1" if mcp else None,
    }
    os.environ |= {key: str(value) for key, value in chosen.items() if value is not None}
    settings.cache_clear()
    from dashboard.app import serve

    serve()
