"""The commands about networks, runs and sweeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from dashboard.commands.progress_bar import ProgressBar
from dashboard.commands.terminal import ERR, OUT, Home, Json, accuracy_text, print_rows, t
from dashboard.core.errors import InvalidInput, LightboxError

if TYPE_CHECKING:
    from dashboard.core.models.card import Card
    from dashboard.core.training.recipe import Recipe


def networks(as_json: Json = False, home: Home = None) -> None:
    """List the networks to train and the backbones for transfer, with what they cost."""
    from dataclasses import asdict

    from dashboard.core.models.facts import fact_sheet

    sheet = fact_sheet()
    if as_json:
        print_rows(True, asdict(sheet), "", [])
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
        print_rows(False, None, title, rows)
    OUT.print(t("Times measured on {machine}.", machine=sheet.machine), markup=False)


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
    print_rows(as_json, [asdict(item) for item in found], t("Runs"), rows)


def compare(
    ids: Annotated[list[str], typer.Argument(metavar="RUN", help="Two to six ids of runs.")],
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Say what differs between runs, how good each is, and whether that is more than luck."""
    from dashboard.commands.comparison_text import sentences, tables
    from dashboard.core.evaluate.compare import compare_runs

    found = compare_runs(ids)
    if as_json:
        print_rows(True, found.model_dump(mode="json"), "", [])
        return
    for title, rows in tables(found, t):
        print_rows(False, None, title, rows)
    for line in sentences(found, t):
        OUT.print(line, markup=False)


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
    import time

    from dashboard.core.models.store import check_name
    from dashboard.core.training.jobs import publish_run, submit
    from dashboard.core.training.recipe import recipe_text

    text = recipe_text(recipe)
    chosen = _chosen(text, dataset, changes or [])
    if publish:
        check_name(publish)  # not only after an hour of training
    _embedded(chosen.dataset)
    started = time.monotonic()
    command = _train_command(recipe, dataset, changes or [])
    run_id = submit(chosen, "" if dataset or changes else text, "RUNNING", command)
    card = _execute(run_id, quiet=as_json)
    if publish:
        card = publish_run(run_id, publish)
    seconds = time.monotonic() - started
    if as_json:
        result = {"run_id": run_id, "seconds": seconds, "card": card.model_dump(mode="json")}
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    _tell(run_id, card, seconds)
    if publish:
        OUT.print(t("published as {name}, version {version}", name=card.name, version=card.version))


def _chosen(text: str, dataset: str | None, changes: list[str]) -> Recipe:
    """Return the recipe of `text` with what the options change."""
    from dashboard.core.training.recipe import parse_recipe, parse_toml

    fields = parse_toml(text).model_dump(exclude_none=True)
    _apply(changes, fields)
    if dataset:
        fields["dataset"] = dataset
    return parse_recipe(fields)


def _train_command(recipe: str, dataset: str | None, changes: list[str]) -> str:
    """Return the command line that trains the same again."""
    import shlex

    parts = ["train", recipe, *(["--dataset", dataset] if dataset else [])]
    parts += [part for change in changes for part in ("--set", change)]
    return f"python -m dashboard {shlex.join(parts)}"


def _execute(run_id: str, quiet: bool) -> Card:
    """Train, showing how far it is unless `quiet`."""
    from dashboard.core.training.execute import execute
    from dashboard.core.training.observer import Halted

    with Progress(console=ERR, disable=quiet or not ERR.is_terminal) as progress:
        try:
            return execute(run_id, ProgressBar(progress))
        except Halted:
            raise LightboxError(
                "The run “{run}” was interrupted and keeps its place. Resume it on the page Train.",
                code="interrupted",
                run=run_id,
            ) from None


def _tell(run_id: str, card: Card, seconds: float) -> None:
    OUT.print(t("run {run}", run=run_id), t("test accuracy {value}", value=accuracy_text(card)))
    for task in card.tasks:
        if task.name:
            OUT.print(f"{task.name}: {accuracy_text(card, task.name)}", markup=False)
    OUT.print(t("took {seconds:.0f} s", seconds=seconds))


def _apply(changes: list[str], fields: dict[str, Any]) -> None:
    """Set the fields of a recipe that `--set` names; a value is TOML, or else a word."""
    import tomllib

    for change in changes:
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


def sweep(
    plan: Annotated[str, typer.Argument(help="TOML file, or id of a sweep to go on with.")],
    trials: Annotated[int | None, typer.Option(help="How many runs, if not as in the file.")] = (
        None
    ),
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Run a recipe with other values of some fields here and now, and compare."""
    from dashboard.commands.sweeping import run_sweep

    def say(line: str) -> None:
        (ERR if as_json else OUT).print(line, markup=False, highlight=False)

    outcome = run_sweep(plan, trials, lambda found: _embedded(found.dataset), t, say)
    print_rows(as_json, outcome.to_json(), t("Best first"), outcome.rows(t))
    if not as_json and outcome.best:
        OUT.print(t("The best recipe, of run {run}:", run=outcome.best.run.id), markup=False)
        typer.echo(outcome.recipe)
    if outcome.status != "finished":
        raise typer.Exit(1)


def _embedded(name: str) -> None:
    from dashboard.core.data.importer import import_dataset
    from dashboard.core.data.store import list_datasets

    if name == "digits" and name not in [item.name for item in list_datasets()]:
        import_dataset("digits")
