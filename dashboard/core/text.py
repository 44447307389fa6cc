"""Every sentence a user reads, in the languages Lightbox speaks.

The English sentence is the key. Translations are gettext catalogues under `assets/locales/`,
read with Babel as they are, so there is no compile step to forget.
"""

from __future__ import annotations

import gettext
import io
from functools import cache
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from dashboard.core.errors import LightboxError
from dashboard.core.settings import REPOSITORY

LANGUAGES = {"en": "English", "zh": "简体中文"}
"""Language code (as in `?lang=`) → its own name."""

DEFAULT_LANGUAGE = "en"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == DEFAULT_LANGUAGE:
        return gettext.NullTranslations()
    path = REPOSITORY / "assets" / "locales" / language / "LC_MESSAGES" / "lightbox.po"
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(message: str, language: str, **values: Any) -> str:
    """Return `message` in `language` with its `{gaps}` filled; English where there is none."""
    text = _catalogue(language).gettext(message) if message else ""
    return text.format(**values) if values else text


def explain_error(error: LightboxError, language: str) -> str:
    """Return the sentence of `error` in `language`."""
    return translate(error.template, language, **error.values)


def mark(message: str) -> str:
    """Mark a literal for the catalogue where it is defined far from where it is shown."""
    return message


def best_language(accept_language: str | None) -> str:
    """Choose from an `Accept-Language` header, such as `"zh-CN,zh;q=0.9,en;q=0.8"`."""
    for item in (accept_language or "").split(","):
        code = item.split(";")[0].strip().lower().split("-")[0]
        if code in LANGUAGES:
            return code
    return DEFAULT_LANGUAGE
