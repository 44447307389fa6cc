"""The widget as a web application: one Gradio app per language."""

from __future__ import annotations

import gradio as gr
from fastapi import FastAPI

from dashboard.core.settings import REPOSITORY, settings
from dashboard.core.text import DEFAULT_LANGUAGE, LANGUAGES
from dashboard.widget.blocks import address, build
from dashboard.widget.theme import theme
from dashboard.widget.upload import take_uploads_only

MAX_VISITS = 500
"""Visits whose pictures are remembered, a few hundred KB each; Gradio would keep 10,000."""

LOOK_S = 0.01
"""How often each queue looks whether a question has come. Gradio would look every millisecond, and
so keep a thirtieth of a core busy when nobody asks."""


def create_widget() -> FastAPI:
    """Mount English at the root and every other language in a folder of its own.

    Gradio's own words (in its camera and error boxes) follow the browser's language.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    others = [code for code in LANGUAGES if code != DEFAULT_LANGUAGE]
    for language in [*others, DEFAULT_LANGUAGE]:  # the root matches everything, so it comes last
        widget = build(language)
        take_uploads_only(widget, language)
        widget.state_session_capacity = MAX_VISITS
        widget._queue.sleep_when_free = LOOK_S
        widget.vibe_mode = False  # which a variable could switch on: editing of the program
        gr.mount_gradio_app(
            app,
            widget,
            path="" if language == DEFAULT_LANGUAGE else f"/{language}",
            root_path=address(language).rstrip("/"),  # else files of examples are looked for at /
            theme=theme(),
            css_paths=[REPOSITORY / "assets" / "widget.css"],
            show_error=False,
            max_file_size="10mb",
            allowed_paths=[],
            blocked_paths=_private(),
            enable_monitoring=False,
            run_history=False,
            footer_links=[],
            ssr_mode=False,
            mcp_server=False,
            pwa=False,
        )
    return app


def _private() -> list[str]:
    """Folders that Gradio serves nothing from, whatever else it thinks of a path in them."""
    configured = settings()
    folders = (configured.home, configured.shipped_models)
    return [str(folder) for folder in folders if not configured.temporary.is_relative_to(folder)]
