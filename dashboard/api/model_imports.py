"""`POST /models`: a Keras model that was made elsewhere is published here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from pydantic import BaseModel, Field

from dashboard.api.access import require_change
from dashboard.api.uploads import limited_route
from dashboard.core.data.store import name_from
from dashboard.core.images import MAX_BYTES as MAX_PICTURE_BYTES
from dashboard.core.images import file_too_large
from dashboard.core.models.card import Card
from dashboard.core.models.foreign.labels import read_labels
from dashboard.core.models.foreign.limits import MAX_BYTES
from dashboard.core.models.foreign.request import ImportRequest
from dashboard.core.models.foreign.uploads import import_upload

router = APIRouter(
    prefix="/models",
    tags=["models"],
    route_class=limited_route(MAX_BYTES + MAX_PICTURE_BYTES),
)


class LabelOut(BaseModel):
    """One class with its probability."""

    label: str
    probability: float


class ImportedOut(BaseModel):
    """The published model, and what was found out about it."""

    card: Card
    range: str = Field(description="Pixel values it is given: 0..255, 0..1, -1..1 …")
    guessed: bool = Field(description="Whether the range is a guess.")
    answers: dict[str, list[LabelOut]] = Field(
        description="What it says of the picture, by the range it is given."
    )


# A plain function: FastAPI runs it in a thread, since it waits for a child.
@router.post("", status_code=201, dependencies=[Depends(require_change)])
def create(
    model: Annotated[UploadFile, File(description="A .keras, .h5 or .hdf5 file.")],
    classes: Annotated[str, Form(description="One label per line, or a JSON list.")],
    name: Annotated[str, Form(description="Made from the file's name if absent.")] = "",
    value_range: Annotated[
        str, Form(alias="range", description="0..255, 0..1, -1..1, imagenet or caffe.")
    ] = "",
    picture: Annotated[
        UploadFile | None, File(description="A picture whose answer is known.")
    ] = None,
) -> ImportedOut:
    """Publish a model. Its file is scanned, and loaded in a process of its own."""
    file_name = model.filename or "model"
    wanted = ImportRequest(
        source=file_name,
        classes=read_labels(classes),
        name=name or name_from(file_name),
        convention=value_range or None,
    )
    imported = import_upload(wanted, model.file, _read(picture) if picture else None)
    return ImportedOut(
        card=imported.card,
        range=imported.found.convention,
        guessed=imported.found.guessed,
        answers={
            convention: [LabelOut(label=label, probability=share) for label, share in best]
            for convention, best in imported.found.answers.items()
        },
    )


def _read(picture: UploadFile) -> bytes:
    content = picture.file.read(MAX_PICTURE_BYTES + 1)
    if len(content) > MAX_PICTURE_BYTES:
        raise file_too_large(len(content))
    return content
