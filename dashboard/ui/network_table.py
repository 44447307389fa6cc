"""What the networks and the backbones cost, side by side."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from dashboard.core.models.facts import Facts, fact_sheet
from dashboard.core.models.networks import get_network
from dashboard.ui.text import t


def network_table() -> None:
    """Draw both tables; a click on a heading sorts."""
    sheet = fact_sheet()
    with st.expander(t("Compare the networks"), icon=":material/table_chart:"):
        st.caption(
            t(
                "For ten classes, one image at a time. One multiply–add counts as two "
                "operations. The time was measured in the exported form on {machine}.",
                machine=sheet.machine,
            )
        )
        _table({t(get_network(row.id).label): row for row in sheet.networks}, height="content")
        st.caption(t("Backbones for transfer, with the licence of their ImageNet weights:"))
        _table({row.id: row for row in sheet.backbones}, height="auto")


def _table(rows: dict[str, Facts], height: Literal["auto", "content"]) -> None:
    table = pd.DataFrame([vars(row) for row in rows.values()], index=list(rows))
    sides = [f"{row.height}×{row.width}×{row.channels}" for row in rows.values()]
    table.insert(0, "input", sides)
    table = table.drop(columns=["id", "height", "width", "channels"]).dropna(axis=1, how="all")
    column = st.column_config.NumberColumn
    st.dataframe(
        table,
        column_config={
            "_index": st.column_config.TextColumn(t("network")),
            "input": st.column_config.TextColumn(t("input")),
            "parameters": column(t("parameters"), format="compact"),
            "flops": column(t("operations"), format="compact"),
            "weights_bytes": column(t("weights"), format="bytes"),
            "activation_bytes": column(t("largest map"), format="bytes"),
            "cpu_ms": column(t("CPU, ms"), format="%.2f"),
            "gpu_ms": column(t("GPU, ms"), format="%.2f"),
            "licence": st.column_config.TextColumn(t("licence")),
        },
        height=height,
    )
