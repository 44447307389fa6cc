"""The commands about data sets."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.progress import Progress

from dashboard.commands.terminal import ERR, OUT, Home, Json, print_rows, t


def import_(
    path: Annotated[
        str, typer.Argument(help="Folder or zip of images, or a name: digits-multi, mnist …")
    ],
    name: Annotated[str | None, typer.Option(help="Name of the data set.")] = None,
    progress_lines: Annotated[
        bool, typer.Option("--progress", help="With --json: a line of progress now and then.")
    ] = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Make a data set from class folders, from images and a table, or by name."""
    from dashboard.core.data.importer import import_dataset

    with Progress(console=ERR, disable=as_json or not ERR.is_terminal) as progress:
        bar = progress.add_task(t("Importing"), total=None)

        def show(done: int, total: int, stage: str) -> None:
            what = t("Fetching") if stage == "fetching" else t("Importing")
            progress.update(bar, completed=done, total=total, description=what)
            if progress_lines:
                typer.echo(json.dumps({"done": done, "total": total, "stage": stage}))

        dataset = import_dataset(path, name, on_progress=show)
    if as_json:
        typer.echo(json.dumps(dataset.to_json(), ensure_ascii=False))
        return
    OUT.print(t("{name}, version {version}", name=dataset.name, version=dataset.version))
    counts = dataset.counts()
    print_rows(
        False,
        None,
        "",
        [{t("class"): str(name), **row} for name, row in counts.T.to_dict().items()],
    )
    for note in dataset.report.notes():
        OUT.print(t(note.template, **note.values), markup=False)
    reasons = [
        {
            t("files left out"): n,
            t("reason, such as"): f"{item.file}: {t(item.template, **item.values)}",
        }
        for item, n in dataset.report.reasons()
    ]
    if reasons:
        print_rows(False, None, "", reasons)


def datasets(as_json: Json = False, home: Home = None) -> None:
    """List the data sets."""
    from dashboard.core.data.store import list_datasets

    found = list_datasets()
    rows = [
        {
            t("name"): item.name,
            t("version"): item.version,
            t("images"): item.report.kept,
            t("classes"): len(item.classes),
        }
        for item in found
    ]
    print_rows(as_json, [item.to_json() for item in found], t("Data sets"), rows)


def quality(
    name: Annotated[str, typer.Argument(help="Data set to check.")],
    version: Annotated[str | None, typer.Option(help="Its version; the current one if absent.")] = (
        None
    ),
    progress_lines: Annotated[
        bool, typer.Option("--progress", help="With --json: a line of progress now and then.")
    ] = False,
    map_by: Annotated[
        str | None, typer.Option(help="Only draw the maps, by the features of this model.")
    ] = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Look for faults in a data set: duplicates, leaks, wrong labels, shortcuts and more."""
    from dashboard.core.data.store import get_dataset
    from dashboard.core.quality.catalog import FAULTS
    from dashboard.core.quality.job import draw, search
    from dashboard.core.quality.results import told

    with Progress(console=ERR, disable=as_json) as progress:
        bar = progress.add_task(t("Checking"), total=None)

        def show(done: int, total: int, stage: str) -> None:
            progress.update(bar, completed=done, total=total, description=t(stage))
            if progress_lines:
                typer.echo(json.dumps({"done": done, "total": total, "stage": stage}))

        dataset = get_dataset(name, version)
        if map_by:
            draw(dataset, map_by, show)
            return
        result = search(dataset, show)
    if as_json:
        typer.echo(json.dumps(result.to_json(), ensure_ascii=False))
        return
    rows = []
    for fault, found in zip(FAULTS, result.faults, strict=True):
        sentence = t(fault.sentence, n=found.n, **told(found.values, t)) if found.n else ""
        skipped = t(found.skipped) if found.skipped else "–"
        rows.append({t("fault"): t(fault.label), "n": found.n, "": sentence or skipped})
    print_rows(False, None, t("{name}: {seconds:.0f} s", name=name, seconds=result.seconds), rows)
    if result.umap:
        OUT.print(t(result.umap))
