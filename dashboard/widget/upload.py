"""An image input that hands over the uploaded file unopened."""

from __future__ import annotations

from typing import Any

import gradio as gr


def uploaded_image(**options: Any) -> gr.Image:
    """Return a `gr.Image` whose value is the path of the upload.

    Gradio would open the file with Pillow in the web process; Lightbox decodes visitors' bytes
    in the engine only, by one set of rules. (A subclass would be taken for a custom component
    with a front end of its own, so the method is replaced on the instance.)

    Args:
        **options: For `gr.Image`.
    """
    image = gr.Image(type="filepath", sources=["upload", "webcam", "clipboard"], **options)
    image.preprocess = _path  # type: ignore[method-assign]
    return image


def _path(payload: Any) -> str | None:
    return payload.path if payload else None
