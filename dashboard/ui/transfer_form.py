"""What a network starts from, and how much of it learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.core.models.backbones import BACKBONES
from dashboard.core.models.store import list_models
from dashboard.core.models.transfer_network import TRANSFER
from dashboard.core.training.recipe import Recipe
from dashboard.ui.recipe_settings import field_help
from dashboard.ui.text import t

_MODEL = "model:"


def transfer_form(start: Recipe, key: Callable[[str], str]) -> dict[str, Any]:
    """Draw the choice of a backbone and of the two phases, and return their fields.

    Args:
        start: Holds the values to begin with.
        key: Field → key of its widget.
    """
    source, _, weights = start.network.removeprefix(TRANSFER).partition(":")
    if source == "model":
        source, weights = _MODEL + weights, ""
    choices = [_MODEL + card.name for card in list_models()] + [item.id for item in BACKBONES]
    left, right = st.columns(2)
    source = left.selectbox(
        t("Starts from"),
        choices,
        index=choices.index(source) if source in choices else 0,
        format_func=_label,
        key=key("backbone"),
    )
    if not source.startswith(_MODEL):
        known = ["imagenet", "random", *({weights} - {"", "imagenet", "random"})]
        weights = right.selectbox(
            t("Weights"),
            known,
            index=known.index(weights or "imagenet"),
            format_func={
                "imagenet": t("ImageNet, fetched once by Keras"),
                "random": t("random: nothing learned before"),
            }.get
            if len(known) == 2
            else str,
            key=key("weights"),
        )
        source = source if weights == "imagenet" else f"{source}:{weights}"
    left, right = st.columns(2)
    frozen = left.number_input(
        t("Frozen epochs"),
        value=start.frozen_epochs or max(start.epochs // 2, 1),
        key=key("frozen_epochs"),
        help=field_help("frozen_epochs"),
    )
    unfreeze = right.number_input(
        t("Blocks to unfreeze"),
        value=start.unfreeze,
        key=key("unfreeze"),
        help=field_help("unfreeze"),
    )
    return {"network": TRANSFER + source, "frozen_epochs": frozen, "unfreeze": unfreeze}


def _label(source: str) -> str:
    if source.startswith(_MODEL):
        return t("the published model {name}", name=source.removeprefix(_MODEL))
    return source
