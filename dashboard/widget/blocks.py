"""The widget's layout, and its one event: image in, answer out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from dashboard.core.models.store import list_models
from dashboard.core.settings import REPOSITORY
from dashboard.core.text import LANGUAGES, translate
from dashboard.widget.answer import answer_label
from dashboard.widget.answering import Given, answered
from dashboard.widget.model_choice import model_choice
from dashboard.widget.upload import uploaded_image
from dashboard.widget.verdict import Translate

EXAMPLES = REPOSITORY / "assets" / "examples"

_RATES = (0.2, 0.1, 0.05, 0.02, 0.01)
_RATE = 0.1


def build(language: str) -> gr.Blocks:
    """Build the widget in `language`."""

    def t(message: str, **values: Any) -> str:
        return translate(message, language, **values)

    def classify(*values: Any) -> tuple[Any, ...]:
        return answered(Given(*values), t, language)

    def choices(request: gr.Request) -> Any:
        names = [card.name for card in list_models()]
        wanted = request.query_params.get("model")
        chosen = wanted if wanted in names else next(iter(names), None)
        return gr.update(choices=names, value=chosen)

    with gr.Blocks(title="Lightbox", analytics_enabled=False, delete_cache=(300, 900)) as blocks:
        gr.Markdown("# " + t("What is in this picture?"))
        gr.Markdown(t("Nothing you upload is kept."))
        with gr.Row(elem_id="layout"):  # assets/widget.css places the three
            with gr.Column(elem_id="ask"):
                image, button = _picture(t)
            with gr.Column(elem_id="answers"):
                outputs = _answers(t)
            with gr.Column(elem_id="options"):
                model, explain, rate = _options(t)
                examples = [[str(path)] for path in _examples()]
                if examples:
                    gr.Examples(examples, inputs=[image], label=t("Examples"))
        visit = gr.State([])
        shown = gr.Gallery(
            label=t("This visit"), visible=False, columns=8, height=150,
            object_fit="contain", allow_preview=False, interactive=False, buttons=[],
            elem_id="visit",
        )  # fmt: skip
        blocks.load(choices, None, model, api_visibility="private")
        gr.on(
            [image.change, button.click, model.input, explain.input, rate.input],
            classify,
            [image, model, explain, rate, visit],
            [*outputs, visit, shown],
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


def _picture(t: Translate) -> tuple[gr.Image, gr.Button]:
    image = uploaded_image(
        label=t("Image"),
        placeholder=t("Drop a picture here, or click to choose one"),
        height=320,
        elem_id="image",
    )
    return image, gr.Button(t("Classify"), variant="primary", elem_id="go")


def _options(t: Translate) -> tuple[gr.Dropdown, gr.Checkbox, gr.Radio]:
    names = [card.name for card in list_models()]
    model = model_choice(names, label=t("Model"), elem_id="model")
    explain = gr.Checkbox(
        False, label=t("Show why (the first time takes about 10 seconds)"), elem_id="explain"
    )
    rate = gr.Radio(
        [(f"{1 - rate:.0%}", rate) for rate in _RATES],
        value=_RATE,
        label=t("How sure the answer must be"),
        info=t("The surer, the more classes it may name."),
        elem_id="rate",
    )
    return model, explain, rate


def _answers(t: Translate) -> list[Any]:
    """Draw where the answer goes; return the outputs in the order of `answered`."""
    label = answer_label(t("I don’t know"), label=t("Answer"), elem_id="answer")
    verdict = gr.Markdown(elem_id="verdict")
    heat_map = gr.Image(
        label=t("What speaks for it"),
        visible=False,
        interactive=False,
        buttons=["fullscreen"],
        elem_id="why",
    )
    evidence = gr.Gallery(
        label=t("The training images most like it"), visible=False, columns=4, height=190,
        object_fit="contain", allow_preview=False, interactive=False, buttons=[],
        elem_id="evidence",
    )  # fmt: skip
    summary = gr.Markdown(elem_id="summary")
    return [label, verdict, heat_map, evidence, summary]


def _examples() -> list[Path]:
    return sorted(EXAMPLES.glob("*.png"))
