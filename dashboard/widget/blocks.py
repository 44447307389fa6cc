"""The widget's layout, and its one event: image in, answer out."""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr

from dashboard.core.feedback.giving import what_is_kept
from dashboard.core.models.store import list_models
from dashboard.core.text import LANGUAGES, translate
from dashboard.widget.answering import Given, answered, open_columns
from dashboard.widget.camera import camera
from dashboard.widget.column import column
from dashboard.widget.examples import NAME_BUTTONS, example_paths, example_row, picked
from dashboard.widget.faults import plain_faults
from dashboard.widget.model_choice import (
    MOST,
    model_choice,
    others_choice,
    wanted_models,
)
from dashboard.widget.status import status
from dashboard.widget.upload import uploaded_image
from dashboard.widget.verdict import Translate

_RATES = (0.2, 0.1, 0.05, 0.02, 0.01)
_RATE = 0.1

_REMEMBER = """
(model, others) => {
    const address = new URL(window.location);
    address.searchParams.set("model", [model, ...others].join(","));
    window.history.replaceState(null, "", address);
}
"""


def build(language: str) -> gr.Blocks:
    """Build the widget in `language`."""

    def t(message: str, **values: Any) -> str:
        return translate(message, language, **values)

    def classify(*values: Any) -> list[Any]:
        return answered(Given(*values), t, language)

    def example(model: str, row: gr.Dataset, number: Any) -> tuple[str, str, list[str]]:
        with plain_faults(t, language):
            return picked(row, number), model, []

    with gr.Blocks(title="Lightbox", analytics_enabled=False, delete_cache=(300, 900)) as blocks:
        gr.Markdown("# " + t("What is in this picture?"))
        gr.Markdown(t(what_is_kept()))
        with gr.Row(elem_id="layout"):  # assets/widget.css places the three
            with gr.Column(elem_id="ask"):
                image, button = _picture(t)
            with gr.Column(elem_id="answers"):
                agreement = gr.Markdown(visible=False, elem_id="agreement")
                places, outputs = _columns(t, language)
            with gr.Column(elem_id="options"):
                model, others, explain, rate = _options(t)
                rows = _examples(image, t)
        announced = status(elem_id="announced")
        visit = gr.State([])
        shown = _visited(t)
        camera(model, t)
        # Whatever changed it: the visitor, an example, or the address when the page opens.
        changes = [item.change for item in (image, model, others, explain, rate)]
        gr.on(
            [*changes, button.click],
            classify,
            [image, model, explain, rate, others, visit],
            [*outputs, *places, agreement, announced, visit, shown],
            api_name="classify",
            concurrency_limit=4,
            trigger_mode="always_last",
        )
        for name, row in rows.items():
            row.click(
                partial(example, name, row), row, [image, model, others],
                api_name=f"example-{name}", api_visibility="private",
            )  # fmt: skip
        blocks.load(None, js=NAME_BUTTONS, api_visibility="private")
        _follow_address(blocks, model, others, places)
        gr.Markdown(_languages(language))
    blocks.queue(max_size=16, api_open=False)  # no way round the queue
    return blocks


def _follow_address(
    blocks: gr.Blocks, model: gr.Dropdown, others: gr.Dropdown, places: list[Any]
) -> None:
    """Let the address say which models answer, when the page opens and when they change."""

    def choices(request: gr.Request) -> list[Any]:
        names = [card.name for card in list_models()]
        first, *rest = wanted_models(request.query_params.getlist("model"), names) or [None]
        return [
            gr.update(choices=names, value=first),
            gr.update(choices=names, value=rest, visible=len(names) > 1),
            *open_columns([first, *rest]),
        ]

    blocks.load(choices, None, [model, others, *places], api_visibility="private")
    gr.on(
        [model.change, others.change], None, [model, others], js=_REMEMBER,
        api_visibility="private",
    )  # fmt: skip


def _visited(t: Translate) -> gr.Gallery:
    return gr.Gallery(
        label=t("This visit"), visible=False, columns=8, height=150,
        object_fit="contain", allow_preview=False, interactive=False, buttons=[],
        elem_id="visit",
    )  # fmt: skip


def _languages(language: str) -> str:
    """Return Markdown that leads to the widget in other languages."""
    return " · ".join(
        name if code == language else f"[{name}]({address(code)})"
        for code, name in LANGUAGES.items()
    )


def address(language: str) -> str:
    """Path of the widget in `language`."""
    return "/classify/" if language == next(iter(LANGUAGES)) else f"/classify/{language}/"


def _picture(t: Translate) -> tuple[gr.Image, gr.Button]:
    image = uploaded_image(
        label=t("Image"),
        alt_text=t("Your picture"),
        placeholder=t("Drop a picture here, or click to choose one"),
        height=320,
        elem_id="image",
    )
    return image, gr.Button(t("Classify"), variant="primary", elem_id="go")


def _options(t: Translate) -> tuple[gr.Dropdown, gr.Dropdown, gr.Checkbox, gr.Radio]:
    names = [card.name for card in list_models()]
    model = model_choice(names, label=t("Model"), elem_id="model")
    others = others_choice(
        names, label=t("Compare with"), info=t("Up to two more models answer beside it."),
        visible=len(names) > 1, elem_id="others",
    )  # fmt: skip
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
    return model, others, explain, rate


def _columns(t: Translate, language: str) -> tuple[list[Any], list[Any]]:
    """Draw where the answers go; return what `open_columns` changes, and what is in all."""
    places, titles, outputs = [], [], []
    with gr.Row(elem_id="columns"):
        for place in range(MOST):
            with gr.Column(visible=place == 0, elem_id=f"answers-{place + 1}") as drawn:
                titles.append(gr.Markdown(visible=False))
                outputs += column(place, t, language)
            places.append(drawn)
    return [*places[1:], *titles], outputs


def _examples(image: gr.Image, t: Translate) -> dict[str, gr.Dataset]:
    """Draw the pictures to try; return those of each model."""
    return {
        card.name: example_row(card.name, image, t("Examples for {model}", model=card.name))
        for card in list_models()
        if example_paths(card.name)
    }
