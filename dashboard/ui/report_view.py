"""What an import did: notes, and what it left out, by reason, by class and file by file."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.core.data.dataset import SPLITS, Dataset
from dashboard.ui.gallery import dropped_url
from dashboard.ui.text import literal, split_names, t


def report_view(dataset: Dataset) -> None:
    """Draw the import report of a data set."""
    for note in dataset.report.notes():
        st.write(f"- {literal(t(note.template, **note.values))}")
    if dataset.report.dropped:
        _table(_by_reason(dataset))
        _table(_by_class(dataset))
        _table(_by_file(dataset))
        st.link_button(t("List of the files left out"), dropped_url(dataset), icon=":material/csv:")


def _table(rows: list[dict[str, str | int]]) -> None:
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")


def _by_reason(dataset: Dataset) -> list[dict[str, str | int]]:
    reasons = dataset.report.reasons()
    return [
        {t("files left out"): n, t("reason, such as"): t(item.template, **item.values)}
        for item, n in reasons
    ]


def _by_class(dataset: Dataset) -> list[dict[str, str | int]]:
    counts, lost, names = dataset.counts(), dataset.report.dropped_from, split_names()
    rows: list[dict[str, str | int]] = []
    for label in dict.fromkeys([*dataset.classes, *lost]):
        row: dict[str, str | int] = {t("class"): label}
        for split in SPLITS:
            kept = int(counts.loc[label, split]) if label in counts.index else 0
            row[t("{split}, kept", split=names[split])] = kept
        for split in ("", *SPLITS):
            if any(split in splits for splits in lost.values()):
                title = t("{split}, left out", split=names[split]) if split else t("left out")
                row[title] = lost.get(label, {}).get(split, 0)
        rows.append(row)
    return rows if lost else []


def _by_file(dataset: Dataset) -> list[dict[str, str | int]]:
    return [
        {t("file"): item.file, t("reason"): t(item.template, **item.values)}
        for item in dataset.report.dropped
    ]
