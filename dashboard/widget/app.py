"""The widget as a web application: one Gradio app per language."""

from __future__ import annotations

import gradio as gr
from fastapi import FastAPI

from dashboard.core.settings import REPOSITORY
from dashboard.core.text import DEFAULT_LANGUAGE, LANGUAGES
from dashboard.widget.blocks import address, build
from dashboard.widget.theme import theme
from dashboard.widget.upload import take_uploads_only


def create_widget() -> FastAPI:
    """Mount English at the root and every other language in a folder of its own.

    Gradio's own words (in its camera and error boxes) follow the browser's language.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    others = [code for code in LANGUAGES if code != DEFAULT_LANGUAGE]
    for language in [*others, DEFAULT_LANGUAGE]:  # the root matches everything, so it comes last
        widget = build(language)
        take_uploads_only(widget, language)
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
            enable_monitoring=False,
            run_history=False,
            footer_links=[],
            ssr_mode=False,
            mcp_server=False,
            pwa=False,
        )
    return app
