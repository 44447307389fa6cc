"""The command that takes in models made elsewhere."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.commands.terminal import ERR, OUT, Home, Json, print_rows, t
from dashboard.core.errors import InvalidInput

if TYPE_CHECKING:
    from dashboard.core.models.foreign.importing import Imported


def import_model(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="A .keras, .h5 or .hdf5 file, or keras:NETWORK.")
    ],
    name: Annotated[str, typer.Option(help="Name to publish it under.")],
    classes: Annotated[
        Path | None,
        typer.Option(
            help="Its labels: one per line, a JSON list or a CSV table; ImageNet's for keras:."
        ),
    ] = None,
    size: Annotated[str, typer.Option(help="HEIGHTxWIDTH, where the model leaves it open.")] = "",
    channels: Annotated[
        int | None, typer.Option(help="1 or 3, where the model leaves it open.")
    ] = None,
    value_range: Annotated[
        str | None,
        typer.Option("--range", help="Values it expects: 0..255, 0..1, -1..1, imagenet, caffe."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--try", help="A picture you know the answer to.")
    ] = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Publish a Keras model that was made elsewhere; its file is not trusted."""
    from dashboard.core.models.foreign import importing
    from dashboard.core.models.foreign.labels import read_label_file
    from dashboard.core.models.foreign.request import ImportRequest, command_line

    request = ImportRequest(
        source=source,
        classes=read_label_file(classes.name, classes.read_bytes()) if classes else (),
        name=name,
        size=_size(size),
        channels=channels,
        convention=value_range,
        picture=str(picture) if picture else None,
    )
    request = replace(request, command=command_line(request, str(classes or "")))

    def show(stage: str) -> None:
        if not as_json:
            ERR.print(t(importing.STAGES[stage]) + " …", markup=False)

    imported = importing.import_model(request, show)
    if as_json:
        data = {"card": imported.card.model_dump(mode="json"), **asdict(imported.found)}
        typer.echo(json.dumps(data, ensure_ascii=False))
        return
    _tell(imported)


def _tell(imported: Imported) -> None:
    card, found = imported.card, imported.found
    OUT.print(t("{name}, version {version}", name=card.name, version=card.version), markup=False)
    OUT.print(
        t(
            "Input {height} × {width} × {channels}, {parameters} parameters, {n} classes.",
            height=card.input.height,
            width=card.input.width,
            channels=card.input.channels,
            parameters=f"{card.parameters:,}",
            n=len(card.classes),
        ),
        markup=False,
    )
    if found.guessed:
        OUT.print(
            t(
                "The range of pixel values is a guess: {range}. Look at the answers to a picture "
                "you know (--try), and give --range if another one fits.",
                range=found.convention,
            ),
            markup=False,
        )
    rows = [
        {
            t("range"): t("{range}, as published", range=convention)
            if convention == found.convention
            else convention,
            t("what it says of the picture"): ", ".join(
                f"{label} {share:.1%}" for label, share in answers
            ),
        }
        for convention, answers in found.answers.items()
    ]
    if rows:
        print_rows(False, None, "", rows)


def _size(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,4})[x×](\d{1,4})", text)
    sides = (int(found[1]), int(found[2])) if found else (0, 0)
    if min(sides) < 8:
        raise InvalidInput(
            "A size is HEIGHTxWIDTH in pixels, such as 224x224, each at least 8; received "
            "“{value}”.",
            code="invalid_size",
            value=text[:40],
        )
    return sides
