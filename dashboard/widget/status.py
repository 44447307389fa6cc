"""A sentence that screen readers say when it changes."""

from __future__ import annotations

from typing import Any

import gradio as gr

_SAY = """
const line = element.querySelector("p");
const say = () => { line.textContent = props.value ?? ""; };
watch("value", say);
say();
"""
"""As text, never as HTML: what is said names classes, and whoever trains a model names those."""


def status(**options: Any) -> gr.HTML:
    """Return a `gr.HTML` whose value, plain text, is announced.

    Args:
        **options: For `gr.HTML`.
    """
    return gr.HTML("", html_template='<p role="status"></p>', js_on_load=_SAY, **options)
