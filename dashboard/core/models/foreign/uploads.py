"""A foreign model that arrived over the network, and is kept no longer than its import takes."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import IO

from dashboard.core.atomic import disk_errors, temporary_folder
from dashboard.core.models.foreign.importing import Imported, OnStage, import_model
from dashboard.core.models.foreign.request import ImportRequest, command_line
from dashboard.core.settings import settings

_LONGEST = 80


def import_upload(
    request: ImportRequest,
    file: IO[bytes] | None,
    picture: bytes | None,
    on_stage: OnStage | None = None,
) -> Imported:
    """Import an uploaded file; see `import_model`.

    Args:
        request: Its `source` is the name the file had where it came from.
        file: The file; None where the source is a network of Keras.
        picture: A picture whose answer is wanted under every range.
        on_stage: As for `import_model`.
    """
    if file:
        name = re.sub(r"[^\w.-]", "_", Path(request.source).name)[-_LONGEST:]
        request = replace(request, source=name)
    classes = "classes.txt" if request.classes else ""
    request = replace(request, command=command_line(request, classes))
    with temporary_folder(settings().home) as folder:
        if file:
            request = replace(request, source=str(_kept(file, folder / request.source)))
        if picture is not None:
            kept = _kept(io.BytesIO(picture), folder / "picture")
            request = replace(request, picture=str(kept))
        return import_model(request, on_stage)


def _kept(file: IO[bytes], path: Path) -> Path:
    file.seek(0)
    with disk_errors(), path.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    return path
