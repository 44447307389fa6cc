"""An image input that hands over the uploaded file unopened."""

from __future__ import annotations

from typing import Any

import gradio as gr

from dashboard.core.errors import InvalidInput

class UploadedImage(gr.Image):
    """`gr.Image` whose value is the path of the upload.

    Gradio would open the file with Pillow in the web process; Lightbox decodes visitors' bytes
    in the engine only, by one set of rules.
    """

    def preprocess(self, payload: Any) -> str | None:
        """Return the path of the uploaded file."""
        if payload is None:
            return None
        if not payload.path:
            raise InvalidInput("Upload the image as a file.", code="url_inputs_disabled")
        return str(payload.path)
    from collections.abc import Callable, Sequence
    from typing import TYPE_CHECKING, Any, Literal

    from gradio.blocks import Block

    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component
