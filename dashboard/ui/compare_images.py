"""The images on which two runs do not agree: look rather than read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.evaluate.compare import shared_answers
from dashboard.core.runs.tracking import Run
from dashboard.ui import panels
from dashboard.ui.data import dataset_of
from dashboard.ui.paged_gallery import paged_gallery
from dashboard.ui.text import t
from dashboard.ui.url import url_tabs


def compare_images(first: Run, second: Run, letters: Mapping[str, str]) -> None:
    """Draw the test images that only one of two runs got right, or neither.

    Args:
        first, second: Tested, with the same classes.
        letters: Run id → what to call it.
    """
    names = letters[first.id], letters[second.id]
    title = t("Where {first} and {second} disagree", first=names[0], second=names[1])
    st.subheader(title, anchor=False)
    dataset = dataset_of(first)
    if dataset is None:
        panels.empty(t("The images are gone: their data set has been removed."))
        return
    found = shared_answers(first, second)
    a, b = found["right_first"].to_numpy(), found["right_second"].to_numpy()
    choices = {
        "one": (t("Only one right: {n}", n=int((a != b).sum())), a != b),
        "first": (t("Only {name}: {n}", name=names[0], n=int((a & ~b).sum())), a & ~b),
        "second": (t("Only {name}: {n}", name=names[1], n=int((b & ~a).sum())), b & ~a),
        "neither": (t("Neither: {n}", n=int((~a & ~b).sum())), ~a & ~b),
    }
    labels = {key: label for key, (label, _) in choices.items()}
    chosen = url_tabs(t("Which was right"), labels, "right")
    rows = found[choices[chosen][1]]
    st.caption(
        t(
            "Under each image: its label, then what {first} and {second} answered.",
            first=names[0],
            second=names[1],
        )
    )
    paged_gallery(
        dataset,
        np.sort(dataset.positions(rows["id"])),
        (first.id, second.id, chosen),
        "differing",
        captions=_captions(dataset, rows, names),
    )


def _captions(dataset: Dataset, rows: pd.DataFrame, names: tuple[str, str]) -> dict[str, str]:
    return {
        row.id: f"{_label(dataset, row.target)} | {names[0]} {_label(dataset, row.answer_first)}"
        f" | {names[1]} {_label(dataset, row.answer_second)}"
        for row in rows.itertuples()
    }


def _label(dataset: Dataset, classes: int | Sequence[int]) -> str:
    indices = classes if isinstance(classes, tuple) else (classes,)
    return dataset.label(indices) or "–"
