"""What the parent asks of the process that loads a foreign model, and what comes back."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass, field
from typing import Any

APPLICATION = "keras:"
"""How a network of `keras.applications` is named in place of a file."""


@dataclass(frozen=True)
class ImportRequest:
    """What is to be made of a foreign model.

    Attributes:
        source: Path of the file, or `keras:` and the name of a network.
        classes: Labels in the order of its outputs; empty for ImageNet's.
        name: Name it will be published under.
        size: Height and width where its input leaves them open.
        channels: Where its input leaves them open.
        convention: Id in `conventions`; None to find out or guess.
        picture: Path of a picture whose answer is wanted under every convention.
        command: Command line that makes the model again.
        weights: Of `keras:`: `"imagenet"`, or None for random ones.
    """

    source: str
    classes: tuple[str, ...]
    name: str
    size: tuple[int, int] | None = None
    channels: int | None = None
    convention: str | None = None
    picture: str | None = None
    command: str = ""
    weights: str | None = "imagenet"

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ImportRequest:
        """Rebuild what `to_json` wrote."""
        size = data["size"]
        return cls(
            **{**data, "classes": tuple(data["classes"]), "size": tuple(size) if size else None}
        )


@dataclass(frozen=True)
class Found:
    """What came of it, beside the folder with model and card.

    Attributes:
        convention: Id of the value range the model was given.
        guessed: Whether that is a guess.
        answers: Id of each possible range → (label, probability) of the picture, the best first.
    """

    convention: str
    guessed: bool
    answers: dict[str, list[tuple[str, float]]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Found:
        """Rebuild what `to_json` wrote."""
        answers = {
            key: [(str(label), float(share)) for label, share in best]
            for key, best in data["answers"].items()
        }
        return cls(data["convention"], data["guessed"], answers)


def command_line(request: ImportRequest, classes: str) -> str:
    """Return the command that makes the model again, with the labels in the file `classes`."""
    size = "x".join(map(str, request.size)) if request.size else ""
    options = {
        "--name": request.name,
        "--classes": classes,
        "--size": size,
        "--channels": str(request.channels or ""),
        "--range": request.convention or "",
    }
    words = [word for option, value in options.items() if value for word in (option, value)]
    return f"python -m dashboard import-model {shlex.join([request.source, *words])}"
