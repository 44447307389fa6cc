"""A comparison of runs as the command line prints it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dashboard.core.evaluate.comparison import Comparison
from dashboard.core.evaluate.wording import about_pair, about_run, letters
from dashboard.core.images import Note

Translate = Callable[..., str]


def tables(found: Comparison, t: Translate) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the title and the rows of each table: the figures, and the parameters that differ."""
    names = letters([run.id for run in found.runs])
    rows = [
        {
            "": names[run.id],
            t("run"): run.id,
            t("name"): run.name,
            t("status"): run.status,
            t("metrics"): "\n".join(
                f"{item.label} {item.value:.1%} ({item.low:.1%}–{item.high:.1%}, n={item.n})"
                for item in run.metrics
            )
            or "–",
        }
        for run in found.runs
    ]
    yield t("Runs"), rows
    if found.parameters:
        yield (
            t("Parameters that differ"),
            [
                {"": name, **dict(zip(names.values(), (v or "–" for v in values), strict=True))}
                for name, values in found.parameters.items()
            ],
        )


def sentences(found: Comparison, t: Translate) -> Iterator[str]:
    """Yield what is to be said of each run that has no figures, and of each against the best."""
    names = letters([run.id for run in found.runs])
    notes: list[Note | None] = [about_run(run, names[run.id]) for run in found.runs]
    for pair in found.against(found.best) if found.best else []:
        notes += about_pair(pair, names)
    yield from (t(note.template, **note.values) for note in notes if note)
