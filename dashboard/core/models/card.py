"""The card of a model: what it takes, what it answers, where it comes from, how good it is."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dashboard.core.atomic import write_bytes
from dashboard.core.errors import LightboxError
from dashboard.core.tasks import Kind, Task

CARD_FILE = "card.json"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")  # a newer Lightbox may write more


class Metric(_Frozen):
    """One measured figure with its interval.

    Attributes:
        name: Id of the metric, such as `"accuracy"`.
        split: Part of the data set it was measured on, such as `"test"`.
        value: The figure itself.
        low, high: Ends of its 95 % interval.
        n: Number of images it was measured on.
        task: The task it is about; "" for all of them together, or the only one.
    """

    name: str
    split: str
    value: float
    low: float
    high: float
    n: int
    task: str = ""

    @property
    def label(self) -> str:
        """Its name, with the task it is about if there are several."""
        return f"{self.name} · {self.task}" if self.task else self.name


class InputSpec(_Frozen):
    """Size of the images the model takes, in pixels; `channels` is 1 (grey) or 3 (RGB)."""

    height: int = Field(ge=1)
    width: int = Field(ge=1)
    channels: Literal[1, 3]


class DatasetRef(_Frozen):
    """The data set a model was trained on, by name and content-hash version."""

    name: str
    version: str


class Export(_Frozen):
    """The exported form that lies beside `model.keras`.

    Attributes:
        format: Only `"openvino"` so far.
        precision: Precision of the stored kernels; computed is in single precision.
        model_sha256: SHA-256 of the `model.keras` it was made from; for another one it is void.
        max_abs_dp: Largest difference of a probability (after softmax) to Keras.
        n: Number of images that difference was measured on.
        probe: Keras' logits of `probe_images`, by which the exported form is checked when it is
            loaded; empty on the cards of older versions.
        fast_flipped: Of those n images, how many are answered otherwise in bfloat16
            (`LIGHTBOX_FAST`); None if that was not measured.
    """

    format: Literal["openvino"] = "openvino"
    precision: Literal["f32", "f16"] = "f32"
    model_sha256: str
    max_abs_dp: float
    n: int
    probe: tuple[tuple[float, ...], ...] = ()
    fast_flipped: int | None = None


class Coverage(_Frozen):
    """How well sets of classes keep a promise, of one task; see `evaluate.conformal`.

    Attributes:
        error: Largest share of images whose set may lack the true class.
        limit: Largest `1 − p` of a class in the set; set on validation images.
        covered: Share of test images whose set has the true class.
        size: Mean number of classes in the sets of test images.
        task: The task it is about; "" for the only one.
    """

    error: float
    limit: float
    covered: Metric
    size: Metric
    task: str = ""


class Trust(_Frozen):
    """How far the answers can be trusted.

    Attributes:
        n: Validation images that the temperature and the limits were set on, half of them each.
        calibration: The calibration error of test images, before and after the temperature.
        coverage: Sets of classes by error rate, and task; none where an image may have several.
        least_likeness: A picture whose likeness to the training images is below counts as unknown
            (`Reference.likeness`); so were 5 % of the validation images.
        refused: Share of the pictures that count as unknown: of the test images, then of each
            kind of foreign pictures (`evaluate.foreign`).
        auroc: How well the likeness tells test images from each of those kinds.
        dataset: What all this was measured on, where that is not what the model was trained on.
    """

    n: int
    calibration: tuple[Metric, Metric]
    coverage: tuple[Coverage, ...] = ()
    least_likeness: float
    refused: tuple[Metric, ...]
    auroc: tuple[Metric, ...]
    dataset: DatasetRef | None = None


class Origin(_Frozen):
    """Where a model comes from that was not trained here.

    Attributes:
        source: Name of its file, or `keras:` and the name of the network.
        sha256: Of the file; empty if it had none.
        keras_version: The Keras that saved it.
        value_range: What its network expects of pixel values: an id in `foreign.conventions`.
        guessed: Whether nobody and nothing said so.
    """

    source: str
    sha256: str = ""
    keras_version: str
    value_range: str
    guessed: bool


def _only_task(card: dict[str, Any]) -> tuple[Task, ...]:
    return (Task("", card["classes"], card["task"] == "multi_label"),)


class Card(_Frozen):
    """Everything about a model but its weights.

    Attributes:
        name: Name it is published under; of a run that is not published, the run's.
        version: First 12 hex digits of the SHA-256 of `model.keras`.
        task: `"single_label"`: softmax over `classes`; `"multi_label"`: a sigmoid for each;
            `"multi_task"`: softmax over those of each task.
        classes: Labels in the order of the logits.
        tasks: What is asked of an image, and which of the classes answer it.
        input: Size of the images it takes.
        network: Id of the network in the catalogue.
        parameters: Number of weights.
        dataset: What it was trained on, if known.
        run_id: The run that made it, if any.
        recipe: The recipe as TOML.
        metrics: Measured figures.
        confusion: Test images by true and predicted class, of a single-label task.
        curves: What was measured while it learned: metric → (batches trained, value).
        temperature: The logits are divided by it before the softmax; set by calibration.
        trust: How far the answers can be trusted, if that was measured.
        export: The exported form, if there is one.
        licence: Licence of the weights.
        created: ISO 8601 time of training, or of the import.
        command: Command line that makes the model again.
        origin: Where it comes from, if it was imported.
    """

    name: str
    version: str
    task: Kind = "single_label"
    classes: tuple[str, ...] = Field(min_length=1)
    tasks: tuple[Task, ...] = Field(default_factory=_only_task)
    input: InputSpec
    network: str
    parameters: int
    dataset: DatasetRef | None = None
    run_id: str | None = None
    recipe: str = ""
    metrics: tuple[Metric, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    curves: dict[str, list[tuple[int, float]]] = {}
    temperature: float = Field(1.0, gt=0)
    trust: Trust | None = None
    export: Export | None = None
    licence: str = ""
    created: str = ""
    command: str = ""
    origin: Origin | None = None


def load_card(folder: Path) -> Card:
    """Read the card in `folder`; `LightboxError` if it is missing or damaged."""
    path = folder / CARD_FILE
    try:
        found = path.stat()
        return _parse(path, found.st_ino, found.st_mtime_ns, found.st_size)
    except (OSError, ValidationError) as error:
        raise LightboxError(
            "The card of the model in “{folder}” is missing or damaged. "
            "Publish the model again, or remove it.",
            code="damaged_card",
            folder=folder.name,
        ) from error


@lru_cache(maxsize=256)
def _parse(path: Path, *state: int) -> Card:
    """Read a card once for each state of its file: every request asks for it."""
    return Card.model_validate_json(path.read_bytes())


def save_card(card: Card, folder: Path) -> None:
    """Write `card` into `folder`, whole or not at all."""
    text = json.dumps(card.model_dump(mode="json"), ensure_ascii=False, indent=2)
    write_bytes(folder / CARD_FILE, text.encode() + b"\n")
