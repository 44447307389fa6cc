"""The command line: `python -m dashboard COMMAND`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from dashboard.core.errors import InvalidInput, LightboxError
from dashboard.core.images import Note
from dashboard.core.settings import settings
from dashboard.core.text import best_language, explain_error, translate

_LANGUAGE = best_language(os.environ.get("LANG", "").replace("_", "-"))
_OUT = Console()
_ERR = Console(stderr=True)


def t(message: str, **values: Any) -> str:
    """Translate for the terminal, by the environment's `LANG`."""
    return translate(message, _LANGUAGE, **values)


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

cli = typer.Typer(
    name="lightbox",
    help="Lightbox: explore images, train a classifier, see why it decides, share it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print(as_json: bool, data: Any, title: str, rows: list[dict[str, Any]]) -> None:
    if as_json:
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    table = Table(title=title, title_justify="left")
    for column in rows[0] if rows else []:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row.values()))  # never Rich markup
    _OUT.print(table if rows else t("Nothing here yet."), markup=False)


@cli.command()
def run(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Visitors can change nothing.")] = False,
    home: Home = None,
) -> None:
    """Start Lightbox and serve it until Ctrl+C."""
    chosen = {"LIGHTBOX_HOST": host, "PORT": port, "LIGHTBOX_DEMO": "1" if demo else None}
    os.environ |= {key: str(value) for key, value in chosen.items() if value is not None}
    settings.cache_clear()
    from dashboard.app import serve

    serve()


@cli.command("import")
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

    with Progress(console=_ERR, disable=as_json or not _ERR.is_terminal) as progress:
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
    _OUT.print(t("{name}, version {version}", name=dataset.name, version=dataset.version))
    counts = dataset.counts()
    _print(
        False,
        None,
        "",
        [{t("class"): str(name), **row} for name, row in counts.T.to_dict().items()],
    )
    for note in dataset.report.notes():
        _OUT.print(t(note.template, **note.values), markup=False)


@cli.command()
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
    _print(as_json, [item.to_json() for item in found], t("Data sets"), rows)


@cli.command()
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

    with Progress(console=_ERR, disable=as_json) as progress:
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
        sentence = t(fault.sentence, n=found.n, **found.values) if found.n else ""
        skipped = t(found.skipped) if found.skipped else "–"
        rows.append({t("fault"): t(fault.label), "n": found.n, "": sentence or skipped})
    _print(False, None, t("{name}: {seconds:.0f} s", name=name, seconds=result.seconds), rows)
    if result.umap:
        _OUT.print(t(result.umap))


@cli.command()
def networks(as_json: Json = False, home: Home = None) -> None:
    """List the networks to train and the backbones for transfer, with what they cost."""
    from dataclasses import asdict

    from dashboard.core.models.facts import fact_sheet

    sheet = fact_sheet()
    if as_json:
        _print(True, asdict(sheet), "", [])
        return
    for title, found in ((t("Networks"), sheet.networks), (t("Backbones"), sheet.backbones)):
        rows = [
            {
                t("name"): item.id,
                t("input"): f"{item.height}×{item.width}×{item.channels}",
                t("parameters"): f"{item.parameters / 1e6:.2f} M",
                t("operations"): f"{item.flops / 1e6:,.1f} M",
                t("CPU, ms"): f"{item.cpu_ms:.2f}",
                t("licence"): item.licence,
            }
            for item in found
        ]
        _print(False, None, title, rows)
    _OUT.print(t("Times measured on {machine}.", machine=sheet.machine), markup=False)


@cli.command()
def models(as_json: Json = False, home: Home = None) -> None:
    """List the published models."""
    from dashboard.core.models.store import list_models

    cards = list_models()
    rows = [
        {
            t("name"): card.name,
            t("version"): card.version,
            t("network"): card.network,
            t("classes"): len(card.classes),
            t("test accuracy"): _accuracy(card),
        }
        for card in cards
    ]
    _print(as_json, [card.model_dump(mode="json") for card in cards], t("Models"), rows)


def _accuracy(card: Any, task: str = "") -> str:
    for metric in card.metrics:
        if (metric.name, metric.task) == ("accuracy", task):
            return f"{metric.value:.1%} ({metric.low:.1%}–{metric.high:.1%}, n={metric.n})"
    return "–"


@cli.command()
def runs(as_json: Json = False, home: Home = None) -> None:
    """List the training runs, newest first."""
    from dataclasses import asdict

    from dashboard.core.runs.tracking import list_runs

    found = list_runs()
    rows = [
        {
            t("run"): item.id,
            t("name"): item.name,
            t("status"): item.status,
            t("test accuracy"): f"{item.metrics['test_accuracy']:.1%}"
            if "test_accuracy" in item.metrics
            else "–",
        }
        for item in found
    ]
    _print(as_json, [asdict(item) for item in found], t("Runs"), rows)


@cli.command()
def compare(
    ids: Annotated[list[str], typer.Argument(metavar="RUN", help="Two to six ids of runs.")],
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Say what differs between runs, how good each is, and whether that is more than luck."""
    from dashboard.core.evaluate.compare import compare_runs
    from dashboard.printed_comparison import sentences, tables

    found = compare_runs(ids)
    if as_json:
        _print(True, found.model_dump(mode="json"), "", [])
        return
    for title, rows in tables(found, t):
        _print(False, None, title, rows)
    for line in sentences(found, t):
        _OUT.print(line, markup=False)


class _ProgressBar:
    """Shows a run's news on the terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bar = progress.add_task(t("starting"), total=None)

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        self._progress.update(self._bar, description=t(name))

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        self._progress.update(self._bar, total=epochs * steps_per_epoch)

    def note(self, note: Note) -> None:
        self._progress.console.print(t(note.template, **note.values), markup=False)

    def metrics(self, step: int, values: dict[str, float]) -> None:
        if step:
            self._progress.update(self._bar, completed=step)
        if "val_accuracy" in values:
            self._progress.console.print(
                t(
                    "epoch {epoch}: validation accuracy {accuracy:.1%}, loss {loss:.3f}",
                    epoch=int(values["epoch"]),
                    accuracy=values["val_accuracy"],
                    loss=values["val_loss"],
                )
            )

    def request(self) -> Literal[""]:
        return ""


@cli.command()
def train(
    recipe: Annotated[
        str, typer.Argument(help="TOML file, preset such as doc-003, or id of a run.")
    ],
    dataset: Annotated[str | None, typer.Option(help="Data set to train on.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="A recipe field: epochs=5. Repeat it.")
    ] = None,
    publish: Annotated[str | None, typer.Option(help="Publish the model under this name.")] = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Train here and now, with a progress bar."""
    import shlex
    import time
    import tomllib

    from dashboard.core.models.store import check_name
    from dashboard.core.training.execute import execute
    from dashboard.core.training.jobs import publish_run, submit
    from dashboard.core.training.recipe import parse_recipe, parse_toml, recipe_text

    text = recipe_text(recipe)
    fields = parse_toml(text).model_dump(exclude_none=True)
    for change in changes or []:
        key, separator, value = change.partition("=")
        if not separator:
            raise InvalidInput(
                "`--set` takes field=value; received “{value}”.",
                value=change,
                code="invalid_option",
            )
        try:
            parsed = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            parsed = value
        group, dot, entry = key.partition(".")
        if dot and isinstance(fields.get(group), dict):
            fields[group][entry] = parsed
        else:
            fields[key] = parsed
    if dataset:
        fields["dataset"] = dataset
    chosen = parse_recipe(fields)
    if publish:
        check_name(publish)  # not only after an hour of training
    _embedded(chosen.dataset)
    started = time.monotonic()
    parts = ["train", recipe, *(["--dataset", dataset] if dataset else [])]
    parts += [part for change in changes or [] for part in ("--set", change)]
    command = f"python -m dashboard {shlex.join(parts)}"
    run_id = submit(chosen, "" if dataset or changes else text, "RUNNING", command)
    with Progress(console=_ERR, disable=as_json or not _ERR.is_terminal) as progress:
        card = execute(run_id, _ProgressBar(progress))
    if publish:
        card = publish_run(run_id, publish)
    seconds = time.monotonic() - started
    if as_json:
        result = {"run_id": run_id, "seconds": seconds, "card": card.model_dump(mode="json")}
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    _OUT.print(t("run {run}", run=run_id), t("test accuracy {value}", value=_accuracy(card)))
    for task in card.tasks:
        if task.name:
            _OUT.print(f"{task.name}: {_accuracy(card, task.name)}", markup=False)
    _OUT.print(t("took {seconds:.0f} s", seconds=seconds))
    if publish:
        _OUT.print(
            t("published as {name}, version {version}", name=card.name, version=card.version)
        )


@cli.command()
def sweep(
    plan: Annotated[str, typer.Argument(help="TOML file, or id of a sweep to go on with.")],
    trials: Annotated[int | None, typer.Option(help="How many runs, if not as in the file.")] = (
        None
    ),
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Run a recipe with other values of some fields here and now, and compare."""
    from dashboard.sweep_command import run_sweep

    def say(line: str) -> None:
        (_ERR if as_json else _OUT).print(line, markup=False, highlight=False)

    outcome = run_sweep(plan, trials, lambda found: _embedded(found.dataset), t, say)
    _print(as_json, outcome.to_json(), t("Best first"), outcome.rows(t))
    if not as_json and outcome.best:
        _OUT.print(t("The best recipe, of run {run}:", run=outcome.best.run.id), markup=False)
        typer.echo(outcome.recipe)
    if outcome.status != "finished":
        raise typer.Exit(1)


def _embedded(name: str) -> None:
    from dashboard.core.data.importer import import_dataset
    from dashboard.core.data.store import list_datasets

    if name == "digits" and name not in [item.name for item in list_datasets()]:
        import_dataset("digits")


@cli.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="A published model.")],
    dataset: Annotated[
        str | None, typer.Option(help="Data set; the model's own if absent.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Measure a published model on a split of a data set."""
    from dashboard.core.serving.evaluation import evaluate_model

    metrics = evaluate_model(model, dataset, split)
    rows = [
        {
            t("metric"): metric.label,
            t("value"): f"{metric.value:.4f}",
            t("95 % interval"): f"{metric.low:.4f}–{metric.high:.4f}",
            "n": metric.n,
        }
        for metric in metrics
    ]
    _print(as_json, [metric.model_dump() for metric in metrics], f"{model} · {split}", rows)


@cli.command()
def classify(
    images: Annotated[list[Path], typer.Argument(help="Image files.")],
    model: Annotated[str | None, typer.Option(help="A published model.")] = None,
    top: Annotated[int, typer.Option(help="How many labels.")] = 5,
    explain: Annotated[str | None, typer.Option(help="Explanation method: grad_cam.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the explanations.")] = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Say what is in each image."""
    from dashboard.core.explain.overlay import overlay
    from dashboard.core.images import read_file
    from dashboard.core.serving.engine import Engine

    if bool(explain) != bool(out):
        raise InvalidInput("Give `--explain` and `--out` together.", code="invalid_option")
    engine = Engine()
    results = []
    for path in images:
        answer = engine.classify(read_file(path), model=model, top=top, explain=explain)
        result = {"image": path.name, **answer.to_json()}
        if out and answer.explanation:
            out.mkdir(parents=True, exist_ok=True)
            picture = out / f"{path.stem}.{explain}.png"
            picture.write_bytes(
                overlay(answer.explanation.image_png, answer.explanation.heatmap_png, 0.5)
            )
            result["explanation"] = str(picture)
        results.append(result)
        if not as_json:
            for task, found in answer.by_task.items():
                rows = [
                    {t("label"): item.label, t("probability"): f"{item.probability:.1%}"}
                    for item in found
                ]
                _print(False, None, f"{path.name} · {task}" if task else path.name, rows)
            for note in answer.notes:
                _OUT.print(t(note.template, **note.values), markup=False)
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=2))


def main() -> None:
    """Run a command; what Lightbox raises on purpose becomes one sentence and exit status 1."""
    try:
        cli()
    except LightboxError as error:
        _fail(error)
    except OSError as error:
        if not error.filename:
            raise
        _fail(
            LightboxError(
                "“{path}” cannot be used: {reason}. Check the path and who may write there.",
                code="unusable_path",
                path=str(error.filename),
                reason=(error.strerror or str(error)).lower(),
            )
        )


def _fail(error: LightboxError) -> NoReturn:
    if "--json" in sys.argv:
        typer.echo(json.dumps({"error": error.to_json()}, ensure_ascii=False))
    else:
        _ERR.print(explain_error(error, _LANGUAGE), style="red", markup=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
