"""What is asked of the engine about one picture."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from dashboard.core.errors import InvalidInput
from dashboard.core.explain.catalog import get_explainer
from dashboard.core.models.card import Card

MAX_TOP = 1000
"""Most classes an answer names of each task."""

MAX_EVIDENCE = 12
"""Most training images an answer shows."""

MAX_THUMB = 256
"""Largest side of the small picture that comes with an answer, in pixels."""

ERROR = 0.1
"""The rate of sets that may lack the true class, unless another is asked for."""


@dataclass(frozen=True)
class Question:
    """How a picture is to be answered.

    Attributes:
        model: Name of a published model. Defaults to `digits`, or the first there is.
        top: How many classes to name of each task, at most 1000.
        explain: Id of an explainer. Defaults to no explanation.
        target: Index of the class to explain. Defaults to the most probable one of the first
            task.
        layer: The layer to look at. Defaults to the explainer's choice.
        error: Share of the sets of classes that may lack the true one, between 0 and 1; the
            nearest that the model's card has.
        evidence: How many of the nearest training images to show, at most 12.
        thumb: Side of the small square of the picture itself to send along, in pixels, at most
            256; 0 for none.
    """

    model: str | None = None
    top: int = 5
    explain: str | None = None
    target: int | None = None
    layer: str | None = None
    error: float = ERROR
    evidence: int = 0
    thumb: int = 0

    def check(self, card: Card) -> None:
        """Raise what is wrong with it for the model of `card`, before there is a picture.

        Raises:
            NotFound: There is no such explainer.
            InvalidInput: Something is out of range.
        """
        if self.explain is not None:
            get_explainer(self.explain)
        _check_range("top", self.top, 1, MAX_TOP)
        _check_range("evidence", self.evidence, 0, MAX_EVIDENCE)
        _check_range("thumb", self.thumb, 0, MAX_THUMB)
        if self.target is not None:
            _check_range("target", self.target, 0, len(card.classes) - 1)
        if not 0 < self.error < 1:
            raise InvalidInput(
                "The field `error` must be between 0 and 1; received “{value}”.",
                code="out_of_range",
                value=str(self.error)[:80],
            )

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Question:
        """Rebuild what `to_json` wrote."""
        return cls(**json.loads(text))


def _check_range(field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidInput(
            "The field `{field}` must be a whole number from {low} to {high}; received “{value}”.",
            code="out_of_range",
            field=field,
            low=low,
            high=high,
            value=str(value)[:80],
        )
