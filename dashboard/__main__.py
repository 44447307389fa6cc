"""The command line: `python -m dashboard COMMAND`."""

from __future__ import annotations

import json
import sys
from typing import NoReturn

import typer

from dashboard.commands.classify import classify
from dashboard.commands.data import datasets, import_, quality
from dashboard.commands.foreign import import_model
from dashboard.commands.models import calibrate, evaluate, models
from dashboard.commands.serving import run
from dashboard.commands.terminal import print_error
from dashboard.commands.training import compare, networks, runs, sweep, train
from dashboard.core.errors import LightboxError

cli = typer.Typer(
    name="lightbox",
    help="Lightbox: explore images, train a classifier, see why it decides, share it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

for name, command in {
    "run": run,
    "import": import_,
    "datasets": datasets,
    "quality": quality,
    "networks": networks,
    "runs": runs,
    "compare": compare,
    "train": train,
    "sweep": sweep,
    "models": models,
    "import-model": import_model,
    "evaluate": evaluate,
    "calibrate": calibrate,
    "classify": classify,
}.items():
    cli.command(name)(command)


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
        print_error(error)
    sys.exit(1)


if __name__ == "__main__":
    main()
