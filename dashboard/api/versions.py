"""`/datasets/{name}/…`: its versions, making new ones, going back; the list of dropped files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from dashboard.api.access import require_change
from dashboard.api.datasets import DatasetDetailOut, Version, detail
from dashboard.api.uploads import limited_route
from dashboard.core.data.archive import MAX_MEMBERS
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.report import dropped_csv
from dashboard.core.data.store import get_dataset
from dashboard.core.data.versions import MAX_REASON, exclude, history, relabel, restore

MAX_BODY_BYTES = 8 * 2**20
"""Every image of a large data set, named and relabelled."""

router = APIRouter(
    prefix="/datasets/{name}", tags=["datasets"], route_class=limited_route(MAX_BODY_BYTES)
)

ImageId = Annotated[str, Field(max_length=40)]
ClassName = Annotated[str, Field(max_length=1000)]
Reason = Annotated[str, Field(max_length=MAX_REASON, description="Kept with the version.")]
From = Annotated[
    str | None,
    Field(description="The version you looked at: 409 if another one is current by now."),
]


class VersionOut(BaseModel):
    """One version of a data set."""

    version: str
    created: str = Field(description="ISO 8601, UTC.")
    images: int
    current: bool
    parent: str = Field(description="Version it was made from; empty for an import.")
    kind: str = Field(description="import, exclude, relabel or add.")
    n: int = Field(description="Images that were taken out, relabelled or added.")
    reason: str


class ExcludeIn(BaseModel):
    """Images to take out."""

    ids: Annotated[list[ImageId], Field(min_length=1, max_length=MAX_MEMBERS)]
    reason: Reason = ""
    version: From = None


class RelabelIn(BaseModel):
    """Images to label otherwise."""

    labels: Annotated[
        dict[ImageId, ClassName | list[ClassName]], Field(min_length=1, max_length=MAX_MEMBERS)
    ] = Field(description="Image id → class, or classes where images have several.")
    reason: Reason = ""
    version: From = None


class RestoreIn(BaseModel):
    """Version to go back to."""

    version: Annotated[str, Field(max_length=40)]


@router.get("/versions")
def versions(name: str) -> list[VersionOut]:
    """List the versions, newest first."""
    current = get_dataset(name).version
    return [_version(dataset, current) for dataset in history(name)]


@router.post("/exclude", status_code=201, dependencies=[Depends(require_change)])
def exclude_images(name: str, body: ExcludeIn) -> DatasetDetailOut:
    """Make a version without some images, and make it current."""
    return detail(exclude(get_dataset(name, body.version), body.ids, body.reason))


@router.post("/relabel", status_code=201, dependencies=[Depends(require_change)])
def relabel_images(name: str, body: RelabelIn) -> DatasetDetailOut:
    """Make a version with other labels, and make it current."""
    return detail(relabel(get_dataset(name, body.version), body.labels, body.reason))


@router.post("/restore", dependencies=[Depends(require_change)])
def restore_version(name: str, body: RestoreIn) -> DatasetDetailOut:
    """Make an older version current again."""
    return detail(restore(name, body.version))


@router.get("/dropped.csv", response_class=Response)
def dropped(name: str, version: Version = None) -> Response:
    """Return every file the import left out, with the reason, as a table for spreadsheets."""
    path = get_dataset(name, version).path / "dropped.csv"
    content = path.read_bytes() if path.is_file() else dropped_csv([])
    headers = {"Content-Disposition": 'attachment; filename="dropped.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _version(dataset: Dataset, current: str) -> VersionOut:
    change = dataset.change
    return VersionOut(
        version=dataset.version,
        created=dataset.created,
        images=dataset.report.kept,
        current=dataset.version == current,
        parent=dataset.parent,
        kind=change.kind if change else "import",
        n=change.n if change else 0,
        reason=change.reason if change else "",
    )
