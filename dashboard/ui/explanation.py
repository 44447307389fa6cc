"""One answer with its heatmap: class, layer and opacity can be chosen."""

from __future__ import annotations

import streamlit as st

from dashboard.core.explain.catalog import EXPLAINERS, get_explainer
from dashboard.core.explain.overlay import overlay
from dashboard.core.models.card import Card
from dashboard.core.serving.answers import Answer, Explanation
from dashboard.core.serving.client import engine
from dashboard.core.serving.question import Question
from dashboard.core.tasks import spans
from dashboard.ui import charts
from dashboard.ui.assurance_view import assurance_view, choose_error
from dashboard.ui.task_choice import choose_task
from dashboard.ui.text import literal, t
from dashboard.ui.url import url_select

_TOP = 5
_EVIDENCE = 5


@st.cache_data(max_entries=64, scope="session", show_spinner=False)
def _answer(image: bytes, version: str, question: Question) -> Answer:
    return engine().classify(image, question)


def explanation_view(card: Card, image: bytes) -> None:
    """Draw the answer of `card`'s model to `image`, and why."""
    number = choose_task(card.tasks)
    chosen, layers = st.columns(2)
    with chosen:
        target = _choose_target(card, number, image)
    error = choose_error(card)
    layer = st.session_state.get("layer") or st.query_params.get("layer")
    question = Question(card.name, _TOP, EXPLAINERS[0].id, target, layer, error, _EVIDENCE)
    with st.spinner(t("Explaining … the first time takes about 10 seconds.")):
        answer = _answer(image, card.version, question)
    explanation = answer.explanation
    assert explanation is not None
    names = list(explanation.layers)
    layers.selectbox(
        t("Layer"), names, index=names.index(explanation.layer), key="layer",
        help=t("Early layers see edges, late layers see parts of objects."),
    )  # fmt: skip
    _heat_map(explanation, card.classes[explanation.target])
    assurance_view(card, answer)
    _probabilities(answer)
    with st.expander(t("How to read this")):
        st.write(
            t(
                "Bright places raised the score of the class, dark ones did not. The map is as "
                "coarse as the chosen layer. It shows where the evidence lies, not that the "
                "answer is right."
            )
        )


def _choose_target(card: Card, number: int, image: bytes) -> int:
    """Return the index, among all classes, of the one of task `number` to explain."""
    task = card.tasks[number]
    if st.query_params.get("target") not in task.classes:  # of what was chosen before
        st.query_params.pop("target", None)
    target = url_select(
        t("Explain the class"), {name: name for name in task.classes}, "target", None,
        placeholder=t("the most probable"),
    )  # fmt: skip
    if target:
        return spans(card.tasks)[number].start + task.classes.index(target)
    answer = _answer(image, card.version, Question(card.name, top=1))
    return answer.by_task[task.name][0].index


def _heat_map(explanation: Explanation, label: str) -> None:
    opacity = st.slider(
        t("Opacity"), 0, 100, 60, format="%d %%", key="opacity", bind="query-params"
    )
    first, second = st.columns(2)
    first.image(
        explanation.image_png, caption=t("What the network sees"), width="stretch",
        alt=t("The image, cropped as the network sees it"),
    )  # fmt: skip
    second.image(
        overlay(explanation.image_png, explanation.heatmap_png, opacity / 100),
        caption=t(
            "{method}: what speaks for “{label}”",
            method=get_explainer(explanation.method).label, label=literal(label),
        ),
        width="stretch",
        alt=t("The image with its heatmap"),
    )  # fmt: skip


def _probabilities(answer: Answer) -> None:
    for name, found in answer.by_task.items():
        if name:
            st.markdown(f"**{literal(name)}**")
        st.plotly_chart(
            charts.probabilities(
                [item.label for item in found], [item.probability for item in found]
            ),
            key=f"probabilities-{name}",
            config={"displayModeBar": False},
        )
    st.caption(
        t(
            "Answered by {model}, version {version}, in {ms:.0f} ms.",
            model=literal(answer.model), version=answer.version, ms=answer.timing_ms["predict"],
        )
    )  # fmt: skip
