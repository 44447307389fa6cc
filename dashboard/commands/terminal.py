"""What all commands share: the options, the language, and how they print."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dashboard.core.errors import LightboxError
from dashboard.core.settings import settings
from dashboard.core.text import best_language, explain_error, translate

LANGUAGE = best_language(os.environ.get("LANG", "").replace("_", "-"))
OUT = Console()
ERR = Console(stderr=True)

_STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def t(message: str, **values: Any) -> str:
    """Translate for the terminal, by the environment's `LANG`."""
    return translate(message, LANGUAGE, **values)


def printable(text: str) -> str:
    """Return `text` without what would steer the terminal or turn the reading direction."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def print_error(error: LightboxError, about: str = "") -> None:
    """Print what an error says, in the same language, and what it is `about`."""
    sentence = explain_error(error, LANGUAGE)
    text = printable(f"{about}: {sentence}" if about else sentence)
    ERR.print(text, style="red", markup=False, highlight=False, emoji=False)


@contextmanager
def quiet_libraries() -> Iterator[Console]:
    """Keep off the terminal what libraries in C write there about a damaged file.

    Yields:
        The way to the terminal meanwhile.
    """
    sys.stderr.flush()
    terminal = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        with os.fdopen(terminal, "w", closefd=False) as text:
            yield Console(file=text)
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


def _set_home(value: Path | None) -> Path | None:
    if value:
        os.environ["LIGHTBOX_HOME"] = str(value)
        settings.cache_clear()
    return value


Home = Annotated[
    Path | None,
    typer.Option("--home", callback=_set_home, is_eager=True, help="Folder of everything stored."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def print_rows(as_json: bool, data: Any, title: str, rows: list[dict[str, Any]]) -> None:
    """Print `data` as JSON, or `rows` as a table under `title`."""
    if as_json:
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    table = Table(title=Text(printable(title)), title_justify="left")
    for column in rows[0] if rows else []:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(str(value))) for value in row.values()))  # never Rich markup
    OUT.print(table if rows else t("Nothing here yet."), markup=False)


def accuracy_text(card: Any, task: str = "") -> str:
    """Return the test accuracy on a card with its interval, "–" where there is none."""
    for metric in card.metrics:
        if (metric.name, metric.task) == ("accuracy", task):
            return f"{metric.value:.1%} ({metric.low:.1%}–{metric.high:.1%}, n={metric.n})"
    return "–"
