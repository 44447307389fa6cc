"""The live camera: what is before it is classified about once a second.

The frames go from the browser to the REST interface, one at a time: decoded by the same rules and
limits as every upload, in the engine, and never written to a file.
"""

from __future__ import annotations

import html
import json

import gradio as gr

from dashboard.core.settings import REPOSITORY
from dashboard.widget.verdict import Translate

_SCRIPT = REPOSITORY / "assets" / "camera.js"

SECONDS = 60
"""After which the camera stops by itself: nobody shall forget that it runs."""


def camera(model: gr.Dropdown, t: Translate) -> None:
    """Draw the camera, folded.

    Args:
        model: The choice of the model that answers.
        t: Translates.
    """
    with gr.Accordion(t("Live camera"), open=False, elem_id="camera"):
        gr.Markdown(
            t(
                "While the camera runs, this page sends its picture to the model chosen above "
                "about once a second and shows the answer. No picture is stored. It stops after "
                "a minute, and as soon as you leave this tab."
            )
        )
        live = gr.HTML(
            model.value,
            html_template=_template(t),
            js_on_load=f"const words = {json.dumps(_words(t))};\n" + _SCRIPT.read_text("utf-8"),
        )
    gr.on([model.change], None, [model], [live], js="(name) => name", api_visibility="private")


def _template(t: Translate) -> str:
    picture = html.escape(t("The camera's picture"))
    return f"""
        <div class="live">
          <video playsinline muted hidden aria-label="{picture}"></video>
          <div class="found" hidden><p class="headline" role="status"></p><ol></ol></div>
        </div>
        <p class="told" role="status"></p>
        <button type="button" class="start">{html.escape(t("Start the camera"))}</button>
    """


def _words(t: Translate) -> dict[str, str | int]:
    return {
        "seconds": SECONDS,
        "start": t("Start the camera"),
        "stop": t("Stop the camera"),
        "again": t("Go on"),
        "unknown": t("I don’t know"),
        "over": t("The camera was stopped after a minute."),
        "left": t("The camera was stopped because you left this tab."),
        "busy": t("The classifier is busy. Trying again …"),
        "failed": t("The camera was stopped: the classifier cannot answer just now."),
        "denied": t(
            "The browser may not use the camera. Allow it beside the address and try again."
        ),
        "none": t("No camera was found. Connect one and try again."),
        "unusable": t("The camera cannot be used. Another program may be using it."),
        "insecure": t("The browser lends its camera only to addresses that begin with https."),
    }
