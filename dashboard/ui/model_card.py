"""A model's card: what it is, how good it is, where it comes from."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.core.models.card import Card, Origin
from dashboard.core.models.store import StoredModel, unpublish
from dashboard.core.tasks import class_name
from dashboard.ui import charts
from dashboard.ui.access import may_change
from dashboard.ui.calibrate_form import calibrate_form, just_measured
from dashboard.ui.confirm import confirm_button
from dashboard.ui.text import literal, t
from dashboard.ui.trust_table import trust_table

_MAX_CLASSES = 30  # a larger matrix could not be read


def model_card(model: StoredModel) -> None:
    """Draw the card, and the way to take the model back."""
    card = model.card
    with st.expander(
        t("About this model"), icon=":material/id_card:", expanded=just_measured(card)
    ):
        for metric in card.metrics:
            st.write(
                t(
                    "{metric} on the {split} split: {value:.1%} ({low:.1%}–{high:.1%}, n = {n})",
                    metric=literal(metric.label),
                    split=metric.split,
                    value=metric.value,
                    low=metric.low,
                    high=metric.high,
                    n=metric.n,
                )
            )
        facts = {
            t("network"): f"{card.network}, {card.parameters:,}",
            t("input"): f"{card.input.height} × {card.input.width} × {card.input.channels}",
            t("classes"): "; ".join(
                class_name(task.name, ", ".join(task.classes)) for task in card.tasks
            ),
            t("data set"): f"{card.dataset.name} {card.dataset.version}" if card.dataset else "–",
            t("version"): card.version,
            t("made"): card.created,
        }
        if card.origin:
            facts |= _origin(card.origin) | {t("licence"): card.licence}
        st.table({key: literal(value) for key, value in facts.items()})
        st.code(card.command, language="sh", wrap_lines=True)
        trust_table(card)
        if may_change():
            calibrate_form(card)
        _drawn(card)
        if may_change() and not model.shipped:
            confirm_button(
                t("Unpublish"),
                t("Explain and Classify no longer offer this model, and its files are removed."),
                lambda: unpublish(card.name),
                "delete",
                "unpublish",
            )


def _origin(origin: Origin) -> dict[str, str]:
    given = t("guessed") if origin.guessed else t("given or found")
    return {
        t("imported from"): f"{origin.source}, Keras {origin.keras_version}",
        t("range of pixel values"): f"{origin.value_range} ({given})",
    }


def _drawn(card: Card) -> None:
    """Draw how the model learned, and what it takes for what; older cards do not tell."""
    bare = {"displayModeBar": False}
    if epochs := card.curves.get("val_accuracy"):
        points = card.curves.get("accuracy", [])
        curve = charts.learning_curve([], points, epochs, t("Accuracy"))
        st.plotly_chart(curve, key="card-curve", config=bare)
    if 0 < len(card.confusion) <= _MAX_CLASSES:
        matrix = charts.confusion(np.array(card.confusion), card.classes)
        matrix.update_layout(title_text=t("Confusions of the test images"))
        st.plotly_chart(matrix, key="card-confusion", config=bare)
