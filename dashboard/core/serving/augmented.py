"""What is asked of the engine about augmentation, and what it answers."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dashboard.core.errors import InvalidInput
from dashboard.core.models.card import Metric

MAX_IMAGES, MAX_COPIES = 12, 8
"""Most images of a preview, and most results of each."""

Strengths = Annotated[dict[str, float], Field(max_length=32)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Side = Annotated[int, Field(ge=8, le=512)]


class _Question(BaseModel):
    """Attributes of every question: version of a data set, strengths by id, and the seed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    version: str
    strengths: Strengths
    seed: Seed


class PreviewQuestion(_Question):
    """Show images as training would see them.

    Attributes:
        ids: Of the images.
        copies: How many results of each.
        height, width, channels: Size they are brought to first, as for a network.
    """

    ids: Annotated[tuple[str, ...], Field(min_length=1, max_length=MAX_IMAGES)]
    copies: Annotated[int, Field(ge=1, le=MAX_COPIES)]
    height: Side
    width: Side
    channels: Literal[1, 3]


class EffectQuestion(_Question):
    """Measure how often an augmentation changes the answer of a published model."""

    model: str


Question = TypeVar("Question", bound=_Question)


@dataclass(frozen=True)
class LabelledImage:
    """A picture with the label it carries.

    Attributes:
        png: Enlarged without smoothing, so that its pixels can be seen.
        shares: (class index, share), largest first; a mixture has several.
    """

    png: bytes
    shares: tuple[tuple[int, float], ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; bytes as base64."""
        return {"png": b64encode(self.png).decode(), "shares": self.shares}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LabelledImage:
        """Rebuild what `to_json` wrote."""
        shares = tuple((int(index), float(share)) for index, share in data["shares"])
        return cls(b64decode(data["png"]), shares)


@dataclass(frozen=True)
class Preview:
    """The images as they come, and the results of each."""

    originals: tuple[LabelledImage, ...]
    results: tuple[tuple[LabelledImage, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; bytes as base64."""
        return {
            "originals": [image.to_json() for image in self.originals],
            "results": [[image.to_json() for image in images] for images in self.results],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Preview:
        """Rebuild what `to_json` wrote."""
        read = LabelledImage.from_json
        return cls(
            tuple(map(read, data["originals"])),
            tuple(tuple(map(read, images)) for images in data["results"]),
        )


@dataclass(frozen=True)
class Effect:
    """How an augmentation changes the answers of a model.

    Attributes:
        changed: Share of the images for which it answers another class.
        spoiled: Share of the images for which it was right and is wrong after.
    """

    changed: Metric
    spoiled: Metric

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"changed": self.changed.model_dump(), "spoiled": self.spoiled.model_dump()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Effect:
        """Rebuild what `to_json` wrote."""
        return cls(**{name: Metric(**value) for name, value in data.items()})


def read_question(kind: type[Question], content: bytes) -> Question:
    """Read a question from JSON, or raise `InvalidInput` naming the first wrong field."""
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(
            "The field `{field}` is missing, unknown or out of range; received “{value}”.",
            code="out_of_range",
            field=str((first["loc"] or ("",))[0]),
            value=str(first.get("input"))[:80],
        ) from error
