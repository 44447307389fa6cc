"""What crosses from the engine to everyone else: frozen, and as JSON."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dashboard.core.images import Note


@dataclass(frozen=True)
class Prediction:
    """One class with its probability.

    Attributes:
        label: Name of the class.
        index: Position among the classes of the model.
        probability: In [0, 1], after temperature. Over the classes of a task they sum to 1, unless
            an image may have several.
        task: The task it answers; "" where there is only one.
    """

    label: str
    index: int
    probability: float
    task: str = ""


@dataclass(frozen=True)
class Explanation:
    """Where the evidence for a class lies.

    Attributes:
        method: Id of the explainer.
        layer: The layer that was looked at.
        layers: The layers to choose from, from input to output.
        target: Index of the explained class.
        image_png: What the network sees, as PNG, its longer side 224 to 512 pixels.
        heatmap_png: 8-bit grey PNG of the same size; 0 = no evidence, 255 = most.
    """

    method: str
    layer: str
    layers: tuple[str, ...]
    target: int
    image_png: bytes
    heatmap_png: bytes

    def to_json(self) -> dict[str, Any]:
        """Return plain values; bytes as base64."""
        return {
            **vars(self),
            "image_png": b64encode(self.image_png).decode(),
            "heatmap_png": b64encode(self.heatmap_png).decode(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Explanation:
        """Rebuild what `to_json` wrote."""
        return cls(
            **{
                **data,
                "layers": tuple(data["layers"]),
                "image_png": b64decode(data["image_png"]),
                "heatmap_png": b64decode(data["heatmap_png"]),
            }
        )


@dataclass(frozen=True)
class Evidence:
    """A training image that is like the picture.

    Attributes:
        label: Its class, or all it has.
        likeness: The cosine between the features of the two, at most 1.
        image_png: The training image, small, as PNG.
    """

    label: str
    likeness: float
    image_png: bytes


@dataclass(frozen=True)
class Assurance:
    """What stands behind an answer.

    Attributes:
        error: Share of the sets that may lack the true class; None where there are none.
        sets: Task → the classes among which the true one is, the most probable first; "" is the
            only task. Empty where images may have several classes, or too few were at hand.
        known: Whether the picture is like those the model has learned from.
        likeness: How like, at most 1.
        least_likeness: How like it must at least be to be known.
        trained_on: Whether it is one of the training images.
        evidence: The training images that are most like it, the nearest first.
    """

    error: float | None
    sets: dict[str, tuple[str, ...]]
    known: bool
    likeness: float
    least_likeness: float
    trained_on: bool
    evidence: tuple[Evidence, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain values; bytes as base64."""
        evidence = [
            {**vars(item), "image_png": b64encode(item.image_png).decode()}
            for item in self.evidence
        ]
        return {**vars(self), "evidence": evidence}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Assurance:
        """Rebuild what `to_json` wrote."""
        evidence = tuple(
            Evidence(**{**item, "image_png": b64decode(item["image_png"])})
            for item in data["evidence"]
        )
        sets = {task: tuple(labels) for task, labels in data["sets"].items()}
        return cls(**{**data, "sets": sets, "evidence": evidence})


@dataclass(frozen=True)
class Answer:
    """The answer to one image.

    Attributes:
        request_id: Of the request, also in the log.
        model: Name of the model that answered.
        version: Its version.
        predictions: The most probable classes first, task by task.
        notes: What was done to the image that the sender should know.
        timing_ms: `decode`, `predict` and `total` in milliseconds.
        explanation: If one was asked for.
        assurance: What stands behind the answer, where the model's card has measured it.
        thumb_png: The picture as a small square, if one was asked for, as PNG.
        several: Whether the picture may have several of the classes, or none.
    """

    request_id: str
    model: str
    version: str
    predictions: tuple[Prediction, ...]
    notes: tuple[Note, ...]
    timing_ms: dict[str, float]
    explanation: Explanation | None = None
    assurance: Assurance | None = None
    thumb_png: bytes | None = None
    several: bool = False

    @property
    def by_task(self) -> dict[str, tuple[Prediction, ...]]:
        """Task → its most probable classes."""
        groups = groupby(self.predictions, key=lambda item: item.task)
        return {task: tuple(found) for task, found in groups}

    @property
    def chosen(self) -> dict[str, tuple[Prediction, ...]]:
        """Task → the classes that are its answer: one, or all above one half if `several`."""
        return {
            task: tuple(p for p in found if p.probability > 0.5) if self.several else found[:1]
            for task, found in self.by_task.items()
        }

    def to_json(self) -> dict[str, Any]:
        """Return plain values; bytes as base64."""
        return {
            "request_id": self.request_id,
            "model": self.model,
            "version": self.version,
            "predictions": [dict(vars(prediction)) for prediction in self.predictions],
            "notes": [note.to_json() for note in self.notes],
            "timing_ms": self.timing_ms,
            "explanation": self.explanation.to_json() if self.explanation else None,
            "assurance": self.assurance.to_json() if self.assurance else None,
            "thumb_png": self.thumb_png and b64encode(self.thumb_png).decode(),
            "several": self.several,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Answer:
        """Rebuild what `to_json` wrote."""
        explanation, assurance = data["explanation"], data["assurance"]
        thumb = data["thumb_png"]
        return cls(
            **{
                **data,
                "predictions": tuple(Prediction(**item) for item in data["predictions"]),
                "notes": tuple(Note.from_json(item) for item in data["notes"]),
                "explanation": Explanation.from_json(explanation) if explanation else None,
                "assurance": Assurance.from_json(assurance) if assurance else None,
                "thumb_png": b64decode(thumb) if thumb else None,
            }
        )


@dataclass(frozen=True)
class RunAnswer:
    """What the network of a run says of one image.

    Attributes:
        epoch: The last epoch whose batches it has seen, from 1; 0 if its training has ended.
        image_png: What the network sees, as PNG, its longer side 224 to 512 pixels.
        predictions: The most probable classes first.
        notes: What was done to the image that the sender should know.
    """

    epoch: int
    image_png: bytes
    predictions: tuple[Prediction, ...]
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; bytes as base64."""
        return {
            "epoch": self.epoch,
            "image_png": b64encode(self.image_png).decode(),
            "predictions": [dict(vars(prediction)) for prediction in self.predictions],
            "notes": [note.to_json() for note in self.notes],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunAnswer:
        """Rebuild what `to_json` wrote."""
        return cls(
            data["epoch"],
            b64decode(data["image_png"]),
            tuple(Prediction(**item) for item in data["predictions"]),
            tuple(Note.from_json(item) for item in data["notes"]),
        )
