"""How often augmentations change the answer of a published model."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.core.data.augmentation.catalog import AUGMENTATIONS
from dashboard.core.data.dataset import Dataset
from dashboard.core.models.card import Card, Metric
from dashboard.core.models.store import list_models
from dashboard.core.serving.augmented import Effect, EffectQuestion
from dashboard.core.serving.client import engine
from dashboard.ui.augmentation_controls import as_text
from dashboard.ui.text import literal, t

WARN_ABOVE = 0.05
"""An augmentation is warned of when the interval of right answers it spoils lies above this share.

Not the changed answers: a weak model changes its wrong ones for no reason.
"""

_SEED = 0
_ENTRIES = {entry.id: entry for entry in AUGMENTATIONS}


@st.cache_data(max_entries=128, show_spinner=False)
def _effect(question: str, version: str) -> Effect:
    return engine().effect(EffectQuestion.model_validate_json(question))


def effect_view(dataset: Dataset, strengths: Mapping[str, float]) -> None:
    """Draw the button that measures, and what was measured: each alone, then all together."""
    st.subheader(t("Does the meaning stay?"), anchor=False)
    cards = {
        card.name: card
        for card in list_models()
        if (card.task, card.classes) == (dataset.task, dataset.classes)
    }
    if not cards:
        st.caption(
            t("A published model with the classes of this data set could tell. There is none yet.")
        )
        return
    name = st.selectbox(t("Ask the model"), list(cards), key="model", bind="query-params")
    kept = {key: value for key, value in strengths.items() if _measurable(key, cards[name])}
    if not kept:
        st.caption(
            t("MixUp and CutMix change the label too, so there is nothing to measure for them.")
        )
        return
    asked = f"{name}/{as_text(kept)}"
    if st.query_params.get("measured") != asked:
        st.caption(t("It answers validation images before and after, at most 200; seconds in all."))
        if st.button(t("Measure"), icon=":material/speed:"):
            st.query_params["measured"] = asked
            st.rerun()
        return
    _measured(dataset, cards[name], kept)


def _measurable(name: str, card: Card) -> bool:
    return not _ENTRIES[name].mixes and _ENTRIES[name].supports(card.input.channels)


def _measured(dataset: Dataset, card: Card, strengths: Mapping[str, float]) -> None:
    groups = [{name: strength} for name, strength in strengths.items()]
    if len(groups) > 1:
        groups.append(dict(strengths))
    with st.spinner(t("Asking the model …")):
        effects = [_effect(_question(dataset, card, group), card.version) for group in groups]
    labels = [t(_ENTRIES[name].label) for name in strengths]
    labels += [t("All together")] * (len(groups) - len(labels))
    warnings = [
        _warning(label, effect.spoiled)
        for label, effect in zip(labels, effects, strict=True)
        if effect.spoiled.low > WARN_ABOVE
    ]
    if warnings:
        st.warning("\n\n".join(warnings), icon=":material/warning:")
    st.table(
        {
            t("augmentation"): labels,
            t("another answer"): [_share(effect.changed) for effect in effects],
            t("right before, wrong after"): [_share(effect.spoiled) for effect in effects],
        }
    )
    st.caption(
        t(
            "Of {n} validation images, as often and as strongly as training would change them; in "
            "brackets the 95 % interval. A warning says that it lies above {limit:.0%} for right "
            "answers that became wrong. A model that was trained with an augmentation has learned "
            "to overlook it.",
            n=effects[0].changed.n,
            limit=WARN_ABOVE,
        )
    )


def _question(dataset: Dataset, card: Card, strengths: Mapping[str, float]) -> str:
    return EffectQuestion(
        dataset=dataset.name,
        version=dataset.version,
        strengths=dict(strengths),
        seed=_SEED,
        model=card.name,
    ).model_dump_json()


def _warning(label: str, spoiled: Metric) -> str:
    return t(
        "{augmentation} turns the model's right answer into a wrong one on {value:.0%} "
        "({low:.0%}–{high:.0%}, n = {n}) of the validation images: it may change what they show, "
        "or be too strong.",
        augmentation=literal(label), value=spoiled.value, low=spoiled.low, high=spoiled.high,
        n=spoiled.n,
    )  # fmt: skip


def _share(metric: Metric) -> str:
    return f"{metric.value:.1%} ({metric.low:.1%}–{metric.high:.1%})"
