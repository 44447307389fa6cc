"""What stands behind an answer: sets of classes, likeness to what was learned, evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.core.images import Note, encode_png
from dashboard.core.models.card import Card, Coverage
from dashboard.core.models.probabilities import prediction_sets
from dashboard.core.models.reference import Reference
from dashboard.core.serving.answers import Assurance, Evidence
from dashboard.core.tasks import Task, spans
from dashboard.core.text import mark

_PLAIN = 4.0
"""Standard deviation of the values of a picture, of 0–255, up to which it counts as one colour."""


def assure(
    card: Card,
    reference: Reference | None,
    found: np.ndarray,
    features: np.ndarray,
    pixels_hash: int,
    error: float,
    n_evidence: int,
) -> Assurance | None:
    """Return what stands behind the answer to one picture; None where nothing was measured.

    Args:
        card: Of the model.
        reference: The images to compare with: those of training, where they are known.
        found: Probabilities, float (classes,).
        features: Of the picture, (d,).
        pixels_hash: The `short_hash` of its pixels.
        error: Share of the sets that may lack the true class; of the card's rates the nearest is
            taken, and of a model that was set on few images there are few.
        n_evidence: How many of the nearest of them to show.
    """
    if card.trust is None or reference is None:
        return None
    rates = {item.error for item in card.trust.coverage}
    rate = min(rates, key=lambda rate: abs(rate - error), default=None)
    likeness = float(reference.likeness(features[np.newaxis])[0])
    return Assurance(
        error=rate,
        sets=_sets(card.tasks, card.trust.coverage, found, rate),
        known=likeness >= card.trust.least_likeness,
        likeness=likeness,
        least_likeness=card.trust.least_likeness,
        trained_on=reference.saw(pixels_hash),
        evidence=_evidence(card, reference, features, n_evidence),
    )


def doubts(card: Card, assurance: Assurance | None, batch: np.ndarray) -> tuple[Note, ...]:
    """Return, as sentences, why the answer to a picture should not be relied on.

    Args:
        card: Of the model.
        assurance: From `assure`.
        batch: The picture as the network sees it, uint8 (1, h, w, c).
    """
    if assurance is None:
        return ()
    notes = []
    if not assurance.known:
        if batch.std(axis=(1, 2)).max() <= _PLAIN:
            template = mark("The picture is nearly all of one colour, so the answer means nothing.")
        elif _from_elsewhere(card):
            template = mark(
                "The picture is unlike those the model was measured on: do not rely on the answer."
            )
        else:
            template = mark(
                "The picture is unlike those the model learned from: do not rely on the answer."
            )
        notes.append(Note("unknown", template, {}))
    if assurance.trained_on:
        template = mark(
            "The model was trained on this very picture: a right answer proves nothing."
        )
        notes.append(Note("trained_on", template, {}))
    return tuple(notes)


def evidence_title(card: Card) -> str:
    """Return what the images of an `Assurance` are called, for `t`."""
    if _from_elsewhere(card):
        return mark("Nearest images it was measured on")
    return mark("The training images most like it")


def promise(assurance: Assurance | None) -> tuple[Note, ...]:
    """Return, as sentences, among which classes the true one is; nothing for unknown pictures."""
    if assurance is None or not assurance.known or assurance.error is None:
        return ()
    one = mark("With {share:.0%} certainty: {task}{labels}.")
    some = mark("With {share:.0%} certainty: {task}one of {labels}.")
    return tuple(
        Note(
            "set",
            one if len(labels) == 1 else some,
            {
                "share": 1 - assurance.error,
                "task": f"{task}: " if task else "",
                "labels": ", ".join(labels),
            },
        )
        for task, labels in assurance.sets.items()
    )


def _from_elsewhere(card: Card) -> bool:
    """Whether nobody knows if the model has learned from the images it is compared with."""
    return card.trust is not None and card.trust.dataset is not None


def _sets(
    tasks: Sequence[Task], coverage: Sequence[Coverage], found: np.ndarray, error: float | None
) -> dict[str, tuple[str, ...]]:
    limits = {item.task: item.limit for item in coverage if item.error == error}
    sets = {}
    for task, span in zip(tasks, spans(tasks), strict=True):
        if task.name in limits:
            own = found[span]
            chosen = prediction_sets(own[np.newaxis], limits[task.name])[0]
            order = np.argsort(-own, kind="stable")
            sets[task.name] = tuple(task.classes[place] for place in order if chosen[place])
    return sets


def _evidence(
    card: Card, reference: Reference, features: np.ndarray, n: int
) -> tuple[Evidence, ...]:
    likenesses = reference.likenesses(features[np.newaxis])[0]
    nearest = np.argsort(-likenesses, kind="stable")[:n]
    return tuple(
        Evidence(
            label=", ".join(_classes(card, reference.labels[place])),
            likeness=float(likenesses[place]),
            image_png=encode_png(reference.pictures[place]),
        )
        for place in nearest
    )


def _classes(card: Card, labels: np.ndarray) -> list[str]:
    places = np.flatnonzero(labels) if labels.ndim else [labels]
    return [card.classes[place] for place in places]
