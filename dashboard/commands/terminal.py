"""What all commands share: the options, the language, and how they print."""

from __future__ import annotations

import json
import os
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


def t(message: str, **values: Any) -> str:
    """Translate for the terminal, by the environment's `LANG`."""
    return translate(message, LANGUAGE, **values)


def print_error(error: LightboxError, about: str = "") -> None:
    """Print what an error says, in the same language, and what it is `about`."""
    sentence = explain_error(error, LANGUAGE)
    ERR.print(f"{about}: {sentence}" if about else sentence, style="red", markup=False)


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
    table = Table(title=title, title_justify="left")
    for column in rows[0] if rows else []:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row.values()))  # never Rich markup
    OUT.print(table if rows else t("Nothing here yet."), markup=False)


def accuracy_text(card: Any, task: str = "") -> str:
    """Return the test accuracy on a card with its interval, "–" where there is none."""
    for metric in card.metrics:
        if (metric.name, metric.task) == ("accuracy", task):
            return f"{metric.value:.1%} ({metric.low:.1%}–{metric.high:.1%}, n={metric.n})"
    return "–"
