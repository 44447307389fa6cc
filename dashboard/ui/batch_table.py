"""The answers to a batch as a table: sorted, filtered, saved, and a row of it looked at."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.core.serving.answer_table import answer_columns
from dashboard.core.serving.many import Row
from dashboard.core.serving.side_by_side import Verdict, respondents, verdicts
from dashboard.core.spreadsheet import to_csv
from dashboard.ui import batch_run, panels
from dashboard.ui.batch_run import Batch
from dashboard.ui.explanation import explanation_view
from dashboard.ui.feedback_form import feedback_form
from dashboard.ui.text import literal, t
from dashboard.ui.url import url_select, url_tabs

_PICTURE = "picture"  # column of the thumbnails
_ROW_PX, _MOST_ROWS = 48, 10
_HEADER_PX, _PICTURE_PX, _BAR_PX = 38, 72, 128


def batch_table(batch: Batch, uploads: Sequence[Any], truth: bool) -> None:
    """Draw the table and what is chosen in it.

    Args:
        batch: The answers.
        uploads: Where the pictures are.
        truth: Whether folder names are taken for the truth.
    """
    found = verdicts(batch.rows, respondents(batch.models), truth)
    table = _table(batch, found)
    number = _draw(table[_filter(batch.rows, found)])
    st.download_button(
        t("Save as CSV"), partial(_csv, table), "answers.csv", "text/csv",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    if number is None:
        st.caption(t("Choose a row to see where the model looked."))
    elif reason := batch.rows[number].unusable:
        st.warning(literal(t(reason.template, **reason.values)), icon=":material/broken_image:")
    else:
        with panels.guard():
            _look(batch, uploads, number)


def _table(batch: Batch, found: Sequence[Verdict]) -> pd.DataFrame:
    pictures = {_PICTURE: [_address(row) for row in batch.rows]}
    return pd.DataFrame(pictures | answer_columns(batch.rows, batch.models, found, t))


def _address(row: Row) -> str | None:
    return f"data:image/jpeg;base64,{b64encode(row.thumb).decode()}" if row.thumb else None


def _filter(rows: Sequence[Row], found: Sequence[Verdict]) -> list[bool]:
    """Draw the choice of rows, and return which are to be shown."""
    options = {
        "wrong": (t("Wrong"), [verdict.wrong for verdict in found]),
        "disagreed": (t("Models disagree"), [verdict.disagreed for verdict in found]),
        "unusable": (t("Unusable"), [row.unusable is not None for row in rows]),
    }
    names = {"all": t("All {n}", n=len(rows))} | {
        key: f"{name} {sum(let)}" for key, (name, let) in options.items() if any(let)
    }
    chosen = url_tabs(t("Rows"), names, "rows")
    return options[chosen][1] if chosen in options else [True] * len(rows)


def _draw(shown: pd.DataFrame) -> int | None:
    """Draw the table and return the number of the chosen picture."""
    config: dict[str, Any] = {
        str(column): st.column_config.ProgressColumn(
            width=_BAR_PX, format="percent", min_value=0, max_value=1
        )
        for column in shown.select_dtypes("float")
    }
    # The name last: on a phone the answer is what has to be seen.
    order = sorted(shown.columns, key=lambda column: column in (t("File"), t("Remark")))
    config[_PICTURE] = st.column_config.ImageColumn(t("Picture"), width=_PICTURE_PX)
    chosen = st.dataframe(
        shown, hide_index=True, row_height=_ROW_PX, column_config=config, column_order=order,
        placeholder="",  # where there is no answer; Streamlit would write “None”
        height=_HEADER_PX + _ROW_PX * min(len(shown), _MOST_ROWS), on_select="rerun",
        selection_mode="single-row", key=f"rows-{st.query_params.get('rows')}-{len(shown)}",
    ).selection.rows  # fmt: skip
    return int(shown.index[chosen[0]]) if chosen else None


def _csv(table: pd.DataFrame) -> bytes:
    cells = table.drop(columns=_PICTURE).astype(object)
    return to_csv([str(name) for name in cells], cells.where(cells.notna(), None).to_numpy())


def _look(batch: Batch, uploads: Sequence[Any], number: int) -> None:
    st.subheader(literal(batch.rows[number].path), anchor=False)
    cards = {card.name: card for card in batch.models}
    name = batch.models[0].name
    if len(cards) > 1:
        chosen = url_select(t("Model"), {name: name for name in cards}, "explained", name)
        name = chosen if chosen in cards else name
    content = batch_run.picture(uploads, number)
    explanation_view(cards[name], content)
    feedback_form(cards[name], batch.rows[number].answers[list(cards).index(name)], content)
