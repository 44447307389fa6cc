"""The settings of a recipe that most people leave as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.training.balance import effective_shares, repeat_shares
from dashboard.core.training.recipe import Recipe
from dashboard.core.training.schedules import SCHEDULES, rates
from dashboard.ui import charts
from dashboard.ui.text import literal, t

_PREVIEW_STEPS = 200
_UNEVEN = 1.5  # times as many images: from then on it is worth a word


def more_settings(start: Recipe, key: Callable[[str], str]) -> dict[str, Any]:
    """Draw schedule, loss, regularisation and balance, and return their fields.

    Args:
        start: Holds the values to begin with.
        key: Field → key of its widget.
    """
    fields: dict[str, Any] = {}
    left, right = st.columns(2)
    with left:
        labels = {entry.id: t(entry.label) for entry in SCHEDULES}
        fields["schedule"] = choice("schedule", t("Schedule"), start, key, labels)
        fields["loss"] = choice("loss", t("Loss"), start, key)
        fields["class_weights"] = choice("class_weights", t("Class weights"), start, key)
        fields["l2"] = _number("l2", t("L2"), start, key)
        fields["ema"] = _number("ema", t("Running mean of the weights"), start, key)
        fields["precision"] = choice("precision", t("Precision"), start, key)
    with right:
        fields["warmup"] = _number("warmup", t("Warm-up"), start, key)
        fields["label_smoothing"] = _number("label_smoothing", t("Label smoothing"), start, key)
        fields["sampling"] = choice("sampling", t("Sampling"), start, key)
        fields["weight_decay"] = _number("weight_decay", t("Weight decay"), start, key)
        fields["early_stopping"] = _number("early_stopping", t("Early stopping"), start, key)
        fields["seed"] = _number("seed", t("Seed"), start, key)
    if 0 <= fields["warmup"] <= 0.5:
        shares = rates(fields["schedule"], 1.0, fields["warmup"], _PREVIEW_STEPS)
        figure = charts.learning_rates(shares.tolist())
        st.caption(next(t(item.description) for item in SCHEDULES if item.id == fields["schedule"]))
        st.plotly_chart(figure, key="rates", config={"displayModeBar": False})
    return fields


def class_shares(dataset: Dataset, fields: dict[str, Any]) -> None:
    """Say how much the rarest and the commonest class count, before and after balancing."""
    if len(dataset.tasks) > 1:
        return  # balancing is for one task
    counts = dataset.counts()["train"].to_numpy()
    weighted, sampled = (fields[key] != "none" for key in ("class_weights", "sampling"))
    if not counts.all() or not (weighted or sampled or counts.max() > _UNEVEN * counts.min()):
        return
    rare, common = int(counts.argmin()), int(counts.argmax())
    now = effective_shares(counts, weighted, sampled)
    st.caption(
        t(
            "Share of the loss: class “{rare}” {rare_share} (of the images: {rare_images}), class "
            "“{common}” {common_share} (of the images: {common_images}).",
            rare=literal(dataset.classes[rare]),
            rare_share=f"{now[rare]:.1%}",
            rare_images=f"{counts[rare] / counts.sum():.1%}",
            common=literal(dataset.classes[common]),
            common_share=f"{now[common]:.1%}",
            common_images=f"{counts[common] / counts.sum():.1%}",
        )
    )
    if fields["sampling"] == "augmented":
        st.caption(
            t(
                "Changed by the augmentation: {share} of what is shown of class “{rare}”.",
                share=f"{repeat_shares(counts)[rare]:.1%}",
                rare=literal(dataset.classes[rare]),
            )
        )


def field_help(field: str) -> str:
    """Return the sentence that explains a field."""
    return t(str(Recipe.model_fields[field].description))


def choice(
    field: str,
    label: str,
    start: Recipe,
    key: Callable[[str], str],
    labels: Mapping[str, str] | None = None,
) -> str:
    """Draw a field that has a few values, shown by `labels` if given; return the chosen one."""
    choices = list(get_args(Recipe.model_fields[field].annotation))
    chosen: str = st.selectbox(
        label,
        choices,
        index=choices.index(getattr(start, field)),
        key=key(field),
        help=field_help(field),
        format_func=labels.__getitem__ if labels else str,
    )
    return chosen


def _number(field: str, label: str, start: Recipe, key: Callable[[str], str]) -> Any:
    value = getattr(start, field)
    small = {} if isinstance(value, int) else {"format": "%.4f", "step": 0.01}
    # No limits: a browser would keep the last allowed number without a word.
    return st.number_input(label, value=value, key=key(field), help=field_help(field), **small)
