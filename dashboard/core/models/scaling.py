"""How a published model scales pixel values, read from its file without TensorFlow."""

from __future__ import annotations

import json
import zipfile
from typing import Any

from dashboard.core.models.store import StoredModel


def value_range(model: StoredModel) -> tuple[float, float] | None:
    """Return what the model's first layer makes of 0 and of 255.

    None where the first layer does not rescale all pixels alike, or the file cannot be read.
    """
    try:
        with zipfile.ZipFile(model.model_path) as archive:
            layers = json.loads(archive.read("config.json"))["config"]["layers"]
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError):
        return None
    first: dict[str, Any] = next((x for x in layers if x["class_name"] != "InputLayer"), {})
    if first.get("class_name") != "Rescaling":
        return None
    scale, offset = first["config"]["scale"], first["config"]["offset"]
    if not isinstance(scale, (int, float)) or not isinstance(offset, (int, float)):
        return None
    return float(offset), 255 * scale + offset
