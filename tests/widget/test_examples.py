"""The pictures to try."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from dashboard.core.errors import NotFound
from dashboard.core.images import decode
from dashboard.core.models.store import get_model
from dashboard.widget.examples import FOLDERS, example_hashes, example_paths, example_row, picked


def test_there_are_a_few_small_ones_for_each_shipped_model(home: object) -> None:
    for model in FOLDERS:
        assert get_model(model).shipped
        paths = example_paths(model)
        assert 5 <= len(paths) <= 8
        for path in paths:
            assert path.stat().st_size < 5000
            decode(path.read_bytes())
    assert len(example_hashes()) == sum(len(example_paths(model)) for model in FOLDERS)
    assert example_paths("my-model") == []


@pytest.mark.parametrize(
    "number", [-1, 5, 10**9, True, None, "0", 0.0, [0], {"path": "/etc/passwd"}]
)
def test_only_its_own_can_be_picked(number: Any) -> None:
    with gr.Blocks():
        row = example_row("digits", gr.Image(), "Examples")
    assert picked(row, 3).endswith("7.png")
    with pytest.raises(NotFound):
        picked(row, number)
