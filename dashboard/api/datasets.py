"""`/datasets`: what is imported, page by page, image by image; importing another."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from dashboard.api.access import require_change
from dashboard.api.uploads import limited_route
from dashboard.core.atomic import UNFINISHED, disk_errors
from dashboard.core.data.archive import MAX_BYTES
from dashboard.core.data.child import import_in_child
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.opening import NAMES, is_name
from dashboard.core.data.report import sentence
from dashboard.core.data.store import check_name, get_dataset, list_datasets, name_from
from dashboard.core.errors import InvalidInput, NotFound
from dashboard.core.settings import settings
from dashboard.core.tasks import Kind

MAX_PAGE = 500
"""Most images of one page."""

router = APIRouter(prefix="/datasets", tags=["datasets"], route_class=limited_route(MAX_BYTES))

Version = Annotated[
    str | None, Query(alias="v", description="A version; the current one if absent.")
]


class DatasetNoteOut(BaseModel):
    """Something worth telling about an import."""

    code: str
    message: str


class DroppedOut(BaseModel):
    """A file that was not taken, and why."""

    file: str
    code: str
    message: str


class ReportOut(BaseModel):
    """What the import did."""

    kept: int = Field(description="Images in the data set.")
    notes: list[DatasetNoteOut]
    dropped: list[DroppedOut] = Field(description="The first files that were not taken.")
    dropped_counts: dict[str, int] = Field(description="Reason → files, all of them.")
    dropped_from: dict[str, dict[str, int]] = Field(
        description="Class → split, empty where none is given → files that were not taken."
    )
    classes_dropped: list[str]
    classes_merged: dict[str, str] = Field(description="Spelling found → class it counts as.")
    conflicting: int = Field(description="Images under more than one class.")
    duplicates: int = Field(description="Images that repeat an earlier one of their class.")
    leaks: int = Field(description="Validation or test images that are in training too.")
    near_leaks: int = Field(description="Further ones nearly identical to a training image.")
    excluded: int = Field(description="Images taken out after the import.")
    added: int = Field(0, description="Images added after the import.")
    table: str = Field(description="File the labels were read from; empty if from folders.")
    splits: Literal["given", "completed", "made"]


class TaskOut(BaseModel):
    """One question asked of every image."""

    name: str = Field(description="Column of the table; empty where there is only one.")
    classes: list[str]
    several: bool = Field(description="Whether an image may have several of the classes.")


class DatasetOut(BaseModel):
    """One version of a data set."""

    name: str
    version: str = Field(description="Hash of its content.")
    task: Kind
    classes: list[str] = Field(description="Of all tasks, in the order of their index.")
    tasks: list[TaskOut]
    created: str = Field(description="ISO 8601, UTC.")
    parent: str = Field(description="Version it was made from; empty for an import.")
    report: ReportOut


class DatasetDetailOut(DatasetOut):
    """A data set with its counts."""

    counts: dict[str, list[int]] = Field(description="Split → images of each class.")


class ImageOut(BaseModel):
    """One image."""

    id: str
    split: str
    labels: list[int] = Field(description="Class indices.")
    source: str = Field(description="Path inside the archive it came from.")
    width: int
    height: int


class PageOut(BaseModel):
    """A page of images."""

    total: int = Field(description="Images that match, on all pages.")
    offset: int
    images: list[ImageOut]


# Plain functions: FastAPI runs them in a thread, since they read files and wait for a child.
@router.get("")
def datasets() -> list[DatasetOut]:
    """List the data sets, by name."""
    return [DatasetOut(**_fields(dataset)) for dataset in list_datasets()]


@router.post("", status_code=201, dependencies=[Depends(require_change)])
def create(
    archive: Annotated[
        UploadFile | None, File(description="Zip of class folders, or of images and a CSV table.")
    ] = None,
    source: Annotated[
        str, Form(description="Instead of an archive: digits-multi, mnist, tfds:eurosat …")
    ] = "",
    name: Annotated[str, Form(description="Made from the file's name if absent.")] = "",
) -> DatasetDetailOut:
    """Import a zip, or a data set known by name. The same content gives the same version."""
    chosen = check_name(name) if name else None
    if archive is None:
        return detail(import_in_child(_known(source), chosen))
    chosen = chosen or name_from(archive.filename or "")
    settings().home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings().home, prefix=UNFINISHED) as folder:
        path = Path(folder) / "upload.zip"
        with disk_errors(), path.open("wb") as file:
            shutil.copyfileobj(archive.file, file)
        return detail(import_in_child(path, chosen))


def _known(source: str) -> str:
    """Return `source` if it is a name: a path of this machine is nobody's business."""
    if not is_name(source):
        raise InvalidInput(
            "Send an archive, or name one of: {choices}.",
            code="no_source",
            choices=", ".join(NAMES),
        )
    return source


@router.get("/{name}")
def dataset(name: str, version: Version = None) -> DatasetDetailOut:
    """Return one data set with its counts."""
    return detail(get_dataset(name, version))


@router.get("/{name}/images")
def images(
    name: str,
    split: Literal["train", "val", "test"] | None = None,
    class_name: Annotated[str | None, Query(alias="class")] = None,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    version: Version = None,
) -> PageOut:
    """List images, in the order of the source."""
    found = get_dataset(name, version)
    rows = found.rows(split, None if class_name is None else _class_index(found, class_name))
    page = rows.iloc[offset : offset + limit].to_dict("records")
    return PageOut(
        total=len(rows),
        offset=offset,
        images=[ImageOut.model_validate(row) for row in page],
    )


@router.get("/{name}/images/{image_id}", response_class=FileResponse)
def image(name: str, image_id: str, version: Version = None) -> FileResponse:
    """Return the stored copy of an image, without metadata."""
    return _file(get_dataset(name, version).image_path(image_id), version)


@router.get("/{name}/images/{image_id}/thumb", response_class=FileResponse)
def thumb(name: str, image_id: str, version: Version = None) -> FileResponse:
    """Return a small copy of an image."""
    return _file(get_dataset(name, version).thumb_path(image_id), version)


def _file(path: Path, version: str | None) -> FileResponse:
    lasting = "public, max-age=31536000, immutable"  # a version never changes
    return FileResponse(
        path,
        media_type="image/jpeg" if path.suffix == ".jpg" else "image/png",
        headers={
            "Cache-Control": lasting if version else "no-cache",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _fields(dataset: Dataset) -> dict[str, Any]:
    data = dataset.to_json()
    dropped = [
        DroppedOut(file=item.file, code=item.code, message=sentence(item))
        for item in dataset.report.dropped
    ]
    return {**data, "report": {**data["report"], "dropped": dropped}}


def detail(dataset: Dataset) -> DatasetDetailOut:
    """Return what is told of one data set."""
    counts = {str(split): column.tolist() for split, column in dataset.counts().items()}
    return DatasetDetailOut(**_fields(dataset), counts=counts)


def _class_index(dataset: Dataset, name: str) -> int:
    if name not in dataset.classes:
        raise NotFound(
            "The data set “{dataset}” has no class “{name}”. Choose one of: {choices}.",
            code="class_not_found",
            dataset=dataset.name,
            name=name[:80],
            choices=", ".join(dataset.classes[:20])[:400],
        )
    return dataset.classes.index(name)
