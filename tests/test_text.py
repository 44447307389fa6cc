"""Every sentence exists in every language, with the same gaps."""

from __future__ import annotations

import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from dashboard.core.errors import NotFound
from dashboard.core.settings import REPOSITORY
from dashboard.core.text import LANGUAGES, best_language, explain_error, translate

LOCALES = REPOSITORY / "assets" / "locales"


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_template_is_up_to_date(tmp_path: Path) -> None:
    line = next(
        line for line in (REPOSITORY / "Makefile").read_text().splitlines() if "KEYWORDS :=" in line
    )
    names = line.split("-k ,")[1].rstrip(")").split()
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract"]
    command += ["--no-default-keywords", *(part for name in names for part in ("-k", name))]
    command += ["--no-location", "-o", str(tmp_path / "now.pot"), "dashboard"]
    subprocess.run(command, check=True, cwd=REPOSITORY, capture_output=True)
    now = {str(m.id) for m in catalogue(tmp_path / "now.pot") if m.id}
    assert now == {str(m.id) for m in catalogue(LOCALES / "lightbox.pot") if m.id}, "run make text"


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_sentence_is_translated_with_the_same_gaps(language: str) -> None:
    messages = catalogue(LOCALES / language / "LC_MESSAGES" / "lightbox.po")
    template = {str(m.id) for m in catalogue(LOCALES / "lightbox.pot") if m.id}
    assert template == {str(m.id) for m in messages if m.id}
    for message in messages:
        if message.id:
            assert message.string, message.id
            assert gaps(str(message.id)) == gaps(str(message.string)), message.id


def test_values_are_filled_in_either_language() -> None:
    error = NotFound(
        "There is no model “{name}”. Published models: {choices}.", name="x", choices="–"
    )
    assert explain_error(error, "en") == "There is no model “x”. Published models: –."
    assert explain_error(error, "zh") == "没有模型“x”。已发布的模型：–。"
    assert translate("never seen", "zh") == "never seen"


@pytest.mark.parametrize(
    ("header", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("de-DE,en;q=0.5", "en"), ("", "en"), (None, "en")],
)
def test_the_browsers_language_is_honoured(header: str | None, language: str) -> None:
    assert best_language(header) == language
