"""The process that looks at a foreign model, loads, adapts, tries and exports it.

    python -m dashboard.core.models.foreign.child FOLDER < request.json

It leaves `model.keras`, `card.json` and `openvino/` in FOLDER and prints one line of JSON for each
stage it enters and one for what came of it. Whatever the file does to it, it does it to this
process, which lives in a jail and holds nothing else.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.core.errors import LightboxError
from dashboard.core.images import decode, fit, read_file
from dashboard.core.models.backbones import get_backbone
from dashboard.core.models.card import Card, InputSpec, Origin, save_card
from dashboard.core.models.foreign import jail, verdicts
from dashboard.core.models.foreign.conventions import Convention, get_convention, guess, possible
from dashboard.core.models.foreign.keras_2 import readable
from dashboard.core.models.foreign.request import APPLICATION, Found, ImportRequest
from dashboard.core.models.foreign.scan_hdf5 import scan_legacy_file
from dashboard.core.models.foreign.scan_zip import scan_keras_file
from dashboard.core.models.store import MODEL_FILE, file_sha256
from dashboard.core.tasks import Task, kind_of

if TYPE_CHECKING:
    import keras

    from dashboard.core.models.foreign.adapting import Adapted

logger = logging.getLogger(__name__)

_PROBES = 8
_TOP = 5


def main() -> None:
    """Answer the request on standard input."""
    out = os.fdopen(os.dup(1), "w")  # libraries print; what they print goes elsewhere
    os.dup2(2, 1)

    def say(data: dict[str, Any]) -> None:
        print(json.dumps(data), file=out, flush=True)

    request = ImportRequest.from_json(json.load(sys.stdin))
    try:
        found = _answer(request, Path(sys.argv[1]), say)
        say({"found": found.to_json()})
    except LightboxError as error:
        say({"error": error.to_json()})
    except MemoryError:
        say({"error": verdicts.too_much_memory().to_json()})
    except Exception:  # hostile files, and networks nobody thought of, raise of any kind
        logger.exception("A foreign model cannot be used.")
        say({"error": verdicts.unusable().to_json()})


def _answer(request: ImportRequest, folder: Path, say: Any) -> Found:
    jail.limit()
    by_name = request.source.startswith(APPLICATION)
    refused = [] if by_name else jail.confine(folder)  # what is fetched is Keras' own, and checked
    pixels = decode(read_file(Path(request.picture))).pixels if request.picture else None
    if by_name:
        return _from_application(request, folder, pixels, say)
    path = Path(request.source)
    say({"stage": "scanning"})
    name, digest = path.name, file_sha256(path)
    if _is_zip(path):
        version = scan_keras_file(path, folder)
    else:
        version = scan_legacy_file(path)
        path = readable(path, folder)
    say({"stage": "loading"})
    from dashboard.core.models.foreign.loading import load

    network = load(path, version, refused)
    origin = (name, digest, version)
    return _finish(request, folder, network, origin, "unknown", None, pixels, say)


def _from_application(
    request: ImportRequest, folder: Path, pixels: np.ndarray | None, say: Any
) -> Found:
    say({"stage": "loading"})
    import keras

    from dashboard.core.models.foreign.applications import application, imagenet_labels

    name = request.source.removeprefix(APPLICATION)
    network = application(name, request.weights)
    if not request.classes:
        labels = imagenet_labels(name)
        request = ImportRequest.from_json({**request.to_json(), "classes": labels})
    entry = get_backbone(name)
    known = next(item for item in possible(3) if item.scaling == entry.scaling)
    origin = (request.source, "", keras.__version__)
    return _finish(request, folder, network, origin, entry.licence, known, pixels, say)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _finish(
    request: ImportRequest,
    folder: Path,
    network: keras.Model,
    origin: tuple[str, str, str],
    licence: str,
    known: Convention | None,
    pixels: np.ndarray | None,
    say: Any,
) -> Found:
    """Adapt a loaded network, try it, and write it with its card."""
    from dashboard.core.models.export import export_openvino
    from dashboard.core.models.foreign.adapting import adapt

    adapted = adapt(network, len(request.classes), request.size, request.channels)
    convention, guessed = _convention(request, adapted, known)
    tasks = (Task("", request.classes, adapted.several),)
    images = np.random.default_rng(0).integers(0, 256, (_PROBES, *adapted.shape), np.uint8)
    _try(adapted, convention, images)
    say({"stage": "exporting"})
    model = adapted.scaled_by(convention.scaling)
    model.save(folder / MODEL_FILE)
    export = export_openvino(model, folder, images, tasks)
    height, width, channels = adapted.shape
    card = Card(
        name=request.name,
        version="",
        task=kind_of(tasks),
        classes=request.classes,
        tasks=tasks,
        input=InputSpec(height=height, width=width, channels=channels),
        network=network.name,
        parameters=model.count_params(),
        export=export,
        licence=licence,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=request.command,
        origin=Origin(
            source=origin[0],
            sha256=origin[1],
            keras_version=origin[2],
            value_range=convention.id,
            guessed=guessed,
        ),
    )
    save_card(card, folder)
    return Found(convention.id, guessed, _answers(pixels, adapted, tasks[0]))


def _convention(
    request: ImportRequest, adapted: Adapted, known: Convention | None
) -> tuple[Convention, bool]:
    """Return the range of values, and whether it is a guess."""
    if request.convention:
        return get_convention(request.convention), False
    if known:
        return known, False
    if adapted.scales_itself:
        return get_convention("0..255"), False
    return guess(adapted.names), True


def _try(adapted: Adapted, convention: Convention, images: np.ndarray) -> None:
    if convention not in possible(adapted.shape[2]):
        raise verdicts.colour_only(convention.id)
    logits = adapted.logits(images, convention.scaling)
    if not np.isfinite(logits).all():
        raise verdicts.non_finite()


def _answers(
    pixels: np.ndarray | None, adapted: Adapted, task: Task
) -> dict[str, list[tuple[str, float]]]:
    """Return what the network says of the picture under every range it could expect."""
    from dashboard.core.models.probabilities import probabilities

    if pixels is None:
        return {}
    batch = fit(pixels, *adapted.shape)[None]
    found = {}
    for entry in possible(adapted.shape[2]):
        shares = probabilities(adapted.logits(batch, entry.scaling), (task,))[0]
        best = np.argsort(-shares)[:_TOP]
        found[entry.id] = [(task.classes[i], float(shares[i])) for i in best]
    return found


if __name__ == "__main__":
    main()
