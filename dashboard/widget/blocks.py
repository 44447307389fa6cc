"""The widget's layout and its one event: image in, answer out."""

from __future__ import annotations

import io
import logging
import secrets
from typing import Any

import gradio as gr
from PIL import Image

from dashboard.core.errors import LightboxError
from dashboard.core.explain.catalog import EXPLAINERS
from dashboard.core.explain.overlay import overlay
from dashboard.core.models.store import list_models
from dashboard.core.serving.answers import Answer
from dashboard.core.serving.client import engine
from dashboard.core.settings import REPOSITORY
from dashboard.core.text import LANGUAGES, explain_error, translate
from dashboard.widget.answer import answer_label
from dashboard.widget.model_choice import model_choice
from dashboard.widget.upload import read_upload, uploaded_image

EXAMPLES = REPOSITORY / "assets" / "examples"

_OPACITY = 0.55
_TOP = 5
_LOG = logging.getLogger(__name__)


def build(language: str) -> gr.Blocks:
    """Build the widget in `language`."""

    def t(message: str, **values: Any) -> str:
        return translate(message, language, **values)

    def classify(path: str | None, model: str | None, explain: bool) -> tuple[Any, ...]:
        if not path:
            return None, gr.update(visible=False), ""
        try:
            answer = engine().classify(
                read_upload(path),
                model=model,
                top=_TOP,
                explain=EXPLAINERS[0].id if explain else None,
            )
        except LightboxError as error:
            raise gr.Error(explain_error(error, language), print_exception=False) from error
        except Exception as error:
            reference = secrets.token_hex(4)
            _LOG.exception("widget failed [%s]", reference)
            message = t(
                "Something failed on our side. Its reference is {reference}.", reference=reference
            )
            raise gr.Error(message, print_exception=False) from error
        return answer, _picture(answer), _summary(answer, t)

    def choices(request: gr.Request) -> Any:
        names = [card.name for card in list_models()]
        wanted = request.query_params.get("model")
        chosen = wanted if wanted in names else next(iter(names), None)
        return gr.update(choices=names, value=chosen)

    with gr.Blocks(title="Lightbox", analytics_enabled=False, delete_cache=(300, 900)) as blocks:
        gr.Markdown("# " + t("What is in this picture?"))
        gr.Markdown(t("Nothing you upload is kept."))
        with gr.Row():
            with gr.Column():
                image = uploaded_image(
                    label=t("Image"),
                    placeholder=t("Drop a picture here, or click to choose one"),
                    height=320,
                    elem_id="image",
                )
                names = [card.name for card in list_models()]
                model = model_choice(names, label=t("Model"), elem_id="model")
                explain = gr.Checkbox(
                    False,
                    label=t("Show why (the first time takes about 10 seconds)"),
                    elem_id="explain",
                )
                button = gr.Button(t("Classify"), variant="primary", elem_id="go")
                examples = sorted(EXAMPLES.glob("*.png"))
                if examples:
                    gr.Examples(
                        [[str(path)] for path in examples], inputs=[image], label=t("Examples")
                    )
            with gr.Column():
                label = answer_label(label=t("Answer"), elem_id="answer")
                heatmap = gr.Image(
                    label=t("What speaks for it"),
                    visible=False,
                    interactive=False,
                    buttons=["fullscreen"],
                    elem_id="why",
                )
                summary = gr.Markdown(elem_id="summary")
        blocks.load(choices, None, model, api_visibility="private")
        gr.on(
            [image.change, button.click, model.input, explain.input],
            classify,
            [image, model, explain],
            [label, heatmap, summary],
            api_name="classify",
            concurrency_limit=4,
            trigger_mode="always_last",
        )
        gr.Markdown(
            " · ".join(
                name if code == language else f"[{name}]({address(code)})"
                for code, name in LANGUAGES.items()
            )
        )
    blocks.queue(max_size=16, api_open=False)  # no way round the queue
    return blocks


def address(language: str) -> str:
    """Path of the widget in `language`."""
    return "/classify/" if language == next(iter(LANGUAGES)) else f"/classify/{language}/"


def _picture(answer: Answer) -> Any:
    if answer.explanation is None:
        return gr.update(value=None, visible=False)
    png = overlay(answer.explanation.image_png, answer.explanation.heatmap_png, _OPACITY)
    return gr.update(value=Image.open(io.BytesIO(png)), visible=True)


def _summary(answer: Answer, t: Any) -> str:
    took = t(
        "{model}, version {version}: {ms:.0f} ms",
        model=_escaped(answer.model),
        version=answer.version,
        ms=answer.timing_ms["total"],
    )
    notes = [_escaped(t(note.template, **note.values)) for note in answer.notes]
    return "\n\n".join([took, *notes])


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+!|$~" else char for char in text)
