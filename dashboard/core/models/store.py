"""The published models: those in the home folder and those that come with Lightbox.

    <home>/models/<name>/<version>/    published here
    <home>/models/<name>/current       the version in use
    models/<name>/                     shipped, read-only

Each folder holds `model.keras`, `card.json`, and where they were made `openvino/` (the exported
form) and `reference.npz` (training images to compare uploads with).

Cheap to import: no TensorFlow, so every process may look models up.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dashboard.core.atomic import UNFINISHED, new_folder, write_bytes
from dashboard.core.errors import Forbidden, InvalidInput, LightboxError, NotFound
from dashboard.core.models.card import CARD_FILE, Card, load_card, save_card
from dashboard.core.models.reference import REFERENCE_FILE
from dashboard.core.settings import settings

MODEL_FILE = "model.keras"
EXPORT_FOLDER = "openvino"
DEFAULT_MODEL = "digits"
CURRENT_FILE = "current"
MAX_NAME = 60

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoredModel:
    """A published model: its card and the folder that holds it."""

    card: Card
    folder: Path

    @property
    def model_path(self) -> Path:
        """The Keras file."""
        return self.folder / MODEL_FILE

    @property
    def shipped(self) -> bool:
        """Whether it came with the checkout, so that it cannot be removed."""
        return self.folder.parent == settings().shipped_models

    def has_valid_export(self) -> bool:
        """Whether the exported form is there and was made from this very `model.keras`."""
        export = self.card.export
        return (
            export is not None
            and (self.folder / EXPORT_FOLDER / "model.xml").is_file()
            and (self.folder / EXPORT_FOLDER / "model.bin").is_file()
            and file_sha256(self.model_path) == export.model_sha256
        )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_models() -> list[Card]:
    """Return the cards of all models, the default one first, then by name.

    A damaged one is logged and left out.
    """
    cards = []
    for name in _names():
        try:
            cards.append(get_model(name).card)
        except LightboxError as error:
            logger.warning("Model %r is left out: %s", name, error)
    return cards


def get_model(name: str, version: str | None = None) -> StoredModel:
    """Find a model, in the home folder first.

    Args:
        name: Name it was published under.
        version: One of its versions. Defaults to the current one.

    Raises:
        NotFound: There is no such model or version; the sentence names the choices.
        LightboxError: Its card is damaged.
    """
    folder = _find(unicodedata.normalize("NFC", name), version)
    if folder is None:
        raise _not_found(name, version)
    return StoredModel(load_card(folder), folder)


def publish(
    source: Path, name: str, curves: Mapping[str, list[tuple[int, float]]] | None = None
) -> Card:
    """Publish a trained model under `name`, as its current version; older versions stay.

    Publishing the same `model.keras` again changes nothing.

    Args:
        source: Folder with `model.keras`, `card.json` and, if it was exported, `openvino/`.
        name: 1 to 60 letters of any language, digits, `-` and `_`.
        curves: What was measured while it learned, for the card.
    """
    name = check_name(name)
    if not (source / MODEL_FILE).is_file():
        raise NotFound(
            "There is no model in “{folder}”: the training has not finished or saved nothing.",
            code="model_file_not_found",
            folder=source.name,
        )
    version = file_sha256(source / MODEL_FILE)[:12]
    target = settings().models / name / version
    if not target.is_dir():
        told = {"name": name, "version": version, "curves": dict(curves or {})}
        card = load_card(source).model_copy(update=told)
        with new_folder(target) as folder:
            _copy(source, folder, card)
    write_bytes(target.parent / CURRENT_FILE, version.encode())
    return load_card(target)


def unpublish(name: str) -> None:
    """Remove a model and all its versions from the home folder.

    A shipped model of the same name comes to light again. Shipped models cannot be removed.
    """
    folder = settings().models / check_name(name)
    if not folder.is_dir():
        if _find(name, None):
            raise Forbidden(
                "The model “{name}” comes with Lightbox and cannot be removed.",
                code="shipped_model",
                name=name,
            )
        raise _not_found(name, None)
    # Renamed first: a half-deleted model must never be found.
    trash = Path(tempfile.mkdtemp(dir=settings().models, prefix=UNFINISHED))
    folder.rename(trash / "model")
    shutil.rmtree(trash, ignore_errors=True)


def check_name(name: str) -> str:
    """Return `name` in Unicode's composed form; `InvalidInput` if it cannot be a model's."""
    name = unicodedata.normalize("NFC", name)
    # Marks (M) belong to the letters of many scripts.
    allowed = all(sign in "-_" or unicodedata.category(sign)[0] in "LMN" for sign in name)
    if not 1 <= len(name) <= MAX_NAME or not allowed:
        raise InvalidInput(
            "A model's name must be 1 to {limit} letters, digits, “-” or “_”; received “{value}”.",
            code="invalid_model_name",
            limit=MAX_NAME,
            value=name[:80],
        )
    return name


def _copy(source: Path, folder: Path, card: Card) -> None:
    shutil.copyfile(source / MODEL_FILE, folder / MODEL_FILE)
    if (source / REFERENCE_FILE).is_file():
        shutil.copyfile(source / REFERENCE_FILE, folder / REFERENCE_FILE)
    if (source / EXPORT_FOLDER).is_dir():
        shutil.copytree(source / EXPORT_FOLDER, folder / EXPORT_FOLDER)
    elif card.export:
        card = card.model_copy(update={"export": None})
    save_card(card, folder)


def _names() -> list[str]:
    names = set()
    for root in (settings().models, settings().shipped_models):
        if root.is_dir():
            names |= {path.name for path in root.iterdir() if not path.name.startswith(".")}
    found = [name for name in names if _find(name, None)]
    return sorted(found, key=lambda name: (name != DEFAULT_MODEL, name))


def _find(name: str, version: str | None) -> Path | None:
    try:
        check_name(name)
    except InvalidInput:
        return None
    for folder in (_find_home(name, version), settings().shipped_models / name):
        if folder is None:
            continue
        # A version in use that has lost its card is damaged: no other model may answer for it.
        in_use = version is None and folder.is_relative_to(settings().models)
        if not in_use and not (folder / CARD_FILE).is_file():
            continue
        shipped = folder.parent == settings().shipped_models
        if shipped and version is not None and load_card(folder).version != version:
            continue
        return folder
    return None


def _find_home(name: str, version: str | None) -> Path | None:
    root = settings().models / name
    if version is None:
        try:
            version = (root / CURRENT_FILE).read_text().strip()
        except OSError:
            return None
    return root / version if re.fullmatch("[0-9a-f]{12}", version) else None


def _not_found(name: str, version: str | None) -> NotFound:
    if version is not None and _find(name, None):
        return NotFound(
            "The model “{name}” has no version “{version}”. Ask without a version for the "
            "current one.",
            code="model_version_not_found",
            name=name[:80],
            version=version[:80],
        )
    return NotFound(
        "There is no model “{name}”. Published models: {choices}.",
        code="model_not_found",
        name=name[:80],
        choices=", ".join(_names()) or "–",
    )
