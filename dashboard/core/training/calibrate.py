"""Measures how far a published model can be trusted, on a data set with its classes.

For models that came from elsewhere, and for those of before trust was measured. The result is a new
version of the model with the same weights.
"""

from __future__ import annotations

import shlex
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from dashboard.core.atomic import temporary_folder
from dashboard.core.data.dataset import SPLITS, Dataset
from dashboard.core.data.hashes import training_hashes
from dashboard.core.data.pack import pack
from dashboard.core.data.store import get_dataset
from dashboard.core.errors import Conflict, Forbidden, InvalidInput
from dashboard.core.evaluate.metrics import confusion, metrics_for
from dashboard.core.models.card import Card, DatasetRef, save_card
from dashboard.core.models.store import MODEL_FILE, StoredModel, get_model, publish
from dashboard.core.runs import lock
from dashboard.core.settings import settings
from dashboard.core.training.calibrating import OnStage
from dashboard.core.training.examples import Examples, split_rows

LEAST = 20
"""Images of a split, below which its figures say nothing: the temperature takes half of those for
validation, and nine of the others are needed to promise 90 %."""

_PARITY_IMAGES = 256
_LISTED = 5


def calibrate(name: str, dataset_name: str, on_stage: OnStage = lambda stage: None) -> Card:
    """Publish a version of a model whose card says how far to trust it. Imports TensorFlow.

    Temperature, sets and likeness are set on the data set's validation images and measured on its
    test images. What counts as known is what is like its training images; that the model has seen
    one of them is only said where it is known to be trained on this very version.

    Args:
        name: A published model.
        dataset_name: A data set with the same classes, in any order.
        on_stage: Told the id of each stage of `STAGES`.

    Raises:
        Forbidden: In demo mode.
        NotFound: There is no such model or data set.
        InvalidInput: Its classes differ, or it has too few images.
        Conflict: It is being measured already.
    """
    if settings().demo:
        raise Forbidden("This is a demo: nothing can be changed here.", code="demo")
    model, dataset = get_model(name), get_dataset(dataset_name)
    places = class_places(dataset, model.card)
    rows = {split: _enough(dataset, split) for split in SPLITS}
    with _sole(model.card.name), temporary_folder(settings().models) as folder:
        on_stage("packing")
        spec = model.card.input
        images = pack(dataset, spec.height, spec.width, spec.channels)
        data = Examples(images, _moved(dataset.targets(), places), rows)
        _measure(model, dataset, data, folder, on_stage)
        return publish(folder, model.card.name, model.card.curves)


def _sole(name: str) -> AbstractContextManager[None]:
    """Hold the model: of two that measured it at once, one would work for nothing."""
    taken = Conflict(
        "The model “{name}” is being measured already. Wait until that has finished.",
        code="calibration_running",
        name=name,
    )
    return lock.sole(settings().models / f".{name}.lock", taken)


def class_places(dataset: Dataset, card: Card) -> np.ndarray:
    """Return where each class of `dataset` stands among the model's, by name: int64 (classes,).

    Raises:
        InvalidInput: They are not the same, or only one knows images with several labels.
    """
    if set(dataset.classes) != set(card.classes) or dataset.task != card.task:
        raise InvalidInput(
            "The data set “{dataset}” and the model “{name}” must have the same classes. Only in "
            "the data set: {more}. Only in the model: {less}. Choose another data set.",
            code="labels_mismatch",
            dataset=dataset.name,
            name=card.name,
            more=_listed(set(dataset.classes) - set(card.classes)),
            less=_listed(set(card.classes) - set(dataset.classes)),
        )
    return np.array([card.classes.index(one) for one in dataset.classes], np.int64)


def _listed(names: set[str]) -> str:
    shown = ", ".join(name[:40] for name in sorted(names)[:_LISTED])
    return shown + (" …" if len(names) > _LISTED else "") or "–"


def _enough(dataset: Dataset, split: str) -> np.ndarray:
    rows = split_rows(dataset, split)
    if len(rows) < LEAST:
        raise InvalidInput(
            "The data set “{dataset}” has {n} images in its {split} split; at least {least} are "
            "needed to say how far a model can be trusted.",
            code="too_few_images",
            dataset=dataset.name,
            n=len(rows),
            split=split,
            least=LEAST,
        )
    return rows


def _moved(targets: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return targets of a data set as those of a model whose classes have another order."""
    if targets.ndim == 1:
        return places[targets]
    moved = np.zeros_like(targets)
    moved[:, places] = targets
    return moved


def _measure(
    model: StoredModel, dataset: Dataset, data: Examples, folder: Path, on_stage: OnStage
) -> None:
    """Write the model with its new card into `folder`."""
    on_stage("loading")
    import keras  # 5–12 s, and the way to TensorFlow

    from dashboard.core.models.export import export_openvino
    from dashboard.core.models.features import look_at, traced
    from dashboard.core.models.half_size import deflate, is_rounded
    from dashboard.core.models.reference import save_reference
    from dashboard.core.training.trust import trust_of

    card = model.card
    network = keras.saving.load_model(model.model_path, compile=False, safe_mode=True)
    on_stage("measuring")
    outputs, rows = traced(network), data.rows["test"]
    test = look_at(outputs, data.images, rows)
    reference = DatasetRef(name=dataset.name, version=dataset.version)
    own = card.dataset == reference
    hashes = training_hashes(dataset) if own else np.empty(0, np.uint64)
    trusted = trust_of(outputs, card.tasks, data, test, hashes)
    on_stage("exporting")
    # Saved anew, and so with another time in it: a version is named by the hash of its file.
    network.save(folder / MODEL_FILE)
    half_size = is_rounded(network)
    if half_size:
        deflate(folder / MODEL_FILE)
    save_reference(trusted.reference, folder)
    samples = data.images[data.rows["val"][:_PARITY_IMAGES]]
    told = {
        "metrics": metrics_for(card.tasks, test.logits, data.targets[rows], "test"),
        "confusion": confusion(card.tasks, test.logits, data.targets[rows]),
        "temperature": trusted.temperature,
        "trust": trusted.trust.model_copy(update={"dataset": None if own else reference}),
        "export": export_openvino(network, folder, samples, card.tasks, half_size),
        "command": "\n".join(filter(None, (card.command, _command(card, dataset)))),
    }
    save_card(card.model_copy(update=told), folder)


def _command(card: Card, dataset: Dataset) -> str:
    return shlex.join(
        ["python", "-m", "dashboard", "calibrate", card.name, "--dataset", dataset.name]
    )
