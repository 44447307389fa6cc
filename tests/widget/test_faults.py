"""What a visitor is told when something fails."""

from __future__ import annotations

import gradio as gr
import pytest

from dashboard.core.text import translate
from dashboard.widget.faults import plain_faults
from dashboard.widget.upload import not_here


@pytest.mark.parametrize("error", [not_here(), ValueError("secret")])
@pytest.mark.parametrize(("language", "title"), [("en", "Error"), ("zh", "错误")])
def test_heading_and_sentence_are_in_one_language(
    error: Exception, language: str, title: str
) -> None:
    def t(message: str, **values: object) -> str:
        return translate(message, language, **values)

    with pytest.raises(gr.Error) as shown, plain_faults(t, language):
        raise error
    assert shown.value.title == title
    assert shown.value.message.isascii() == (language == "en")
    assert "secret" not in shown.value.message
