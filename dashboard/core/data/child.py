"""An import in a process of its own, so that hostile bytes are never decoded in web."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.errors import LightboxError
from dashboard.core.settings import REPOSITORY, settings

OnProgress = Callable[[int, int, str], None]


def import_in_child(
    archive: Path | str, name: str | None, on_progress: OnProgress | None = None
) -> Dataset:
    """Import `archive` with the command line and return the data set.

    Args:
        archive: Zip file or folder, or a name of `opening.NAMES`.
        name: Name of the data set; made from the file's name if None.
        on_progress: Gets (done, total, stage) now and then; see `importer.Progress`.

    Raises:
        LightboxError: What the import raised, or that its process died.
    """
    command = [sys.executable, "-m", "dashboard", "import", str(archive), "--json", "--progress"]
    command += ["--home", str(settings().home), *(["--name", name] if name else [])]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as child:
        assert child.stdout is not None
        result: dict[str, object] = {}
        for line in child.stdout:
            result = json.loads(line)
            if on_progress and "done" in result:
                done, total, stage = (str(result[key]) for key in ("done", "total", "stage"))
                on_progress(int(done), int(total), stage)
    if "error" in result:
        raise LightboxError.from_json(result["error"])  # type: ignore[arg-type]
    if child.returncode or "name" not in result:
        raise LightboxError(
            "The import ended unexpectedly, so nothing was stored. Try a smaller archive.",
            code="import_died",
        )
    return get_dataset(str(result["name"]), str(result["version"]))
