"""Properties of the pictures, not of what they show, that give the label away.

A network learns whatever separates the classes fastest (Geirhos et al. 2020, "Shortcut learning
in deep neural networks", arXiv:2004.07780), so a property that predicts the label on its own is
what it will learn, and it fails where the property no longer goes with the label.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.core.quality.base import Fault, Finding, Images, nothing
from dashboard.core.quality.properties import properties
from dashboard.core.text import mark

SOURCES: dict[str, tuple[str, ...]] = {
    mark("brightness"): ("brightness",),
    mark("contrast"): ("contrast",),
    mark("colour"): ("red", "green", "blue"),
    mark("border colour"): ("border_red", "border_green", "border_blue"),
    mark("sharpness"): ("sharpness",),
    mark("size"): ("width", "height"),
    mark("aspect ratio"): ("aspect",),
    mark("file size"): ("bytes",),
    mark("file format"): ("format",),
    mark("colour mode"): ("mode",),
}
"""What is tried → its columns of `properties`."""

MIN_SKILL = 0.3
"""Share of the way from chance to certainty over all classes. On CIFAR-10, where sky and grass
honestly go with the label, the best property reaches 0.12; on digits 0.20."""

MIN_CLASS_SKILL = 0.9
"""The same for one class against the rest. Of clean 8×8 digits the best is 0.72."""

_N_SAMPLE = 10_000
_N_FOLDS = 3
_DEPTH = 4  # up to 16 leaves: enough for ten classes, too few to learn single pictures


def _skills(images: Images, rows: np.ndarray, name: str) -> tuple[dict[str, Any], np.ndarray]:
    """Return how well one source predicts the labels of `rows`, and which rows it gets right."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    values = images.once(properties)[list(SOURCES[name])].to_numpy(np.float32)[rows]
    labels = images.labels[rows]
    tree = DecisionTreeClassifier(
        max_depth=_DEPTH, min_samples_leaf=5, class_weight="balanced", random_state=0
    )
    folds = StratifiedKFold(_N_FOLDS, shuffle=True, random_state=0)
    predicted = cross_val_predict(tree, values, labels, cv=folds)
    present = np.unique(labels)
    recalls = np.array([(predicted[labels == item] == item).mean() for item in present])
    alarms = np.array([(predicted[labels != item] == item).mean() for item in present])
    chance = 1 / len(present)
    best = int((recalls - alarms).argmax())  # Youden's J of one class against the rest
    return {
        "property": name,
        "accuracy": float(recalls.mean()),
        "chance": chance,
        "skill": float((recalls.mean() - chance) / (1 - chance)),
        "class": images.dataset.classes[int(present[best])],
        "class_skill": float(recalls[best] - alarms[best]),
    }, rows[predicted == labels]


class Shortcut(Fault):
    """A property that predicts the label on its own."""

    id = "shortcut"
    label = mark("Shortcuts")
    sentence = mark(
        "{n} properties of the pictures predict the label without looking at what they show, "
        "foremost: {property} ({accuracy} % right, balanced over the classes; chance is "
        "{chance} %)."
    )
    action = "review"
    whole = True

    def supports(self, images: Images) -> str | None:
        if not images.single_label:
            return mark("Shortcuts are looked for only where each image has one label.")
        if (np.bincount(images.labels) >= _N_FOLDS).sum() < 2:
            return mark("Shortcuts are looked for only in classes of at least three images.")
        return None

    def find(self, images: Images) -> Finding:
        rows = _sample(images)
        table = images.once(properties)
        tried = [name for name, columns in SOURCES.items() if _varies(table, columns)]
        found = [_skills(images, rows, name) for name in tried]
        found.sort(key=lambda item: -max(item[0]["skill"], item[0]["class_skill"]))
        details = [facts for facts, _ in found]
        guilty = [item for item in found if _too_good(item[0])]
        if not guilty:
            none = nothing(property="–", accuracy=0, chance=0)
            return Finding(none.rows, none.scores, values=none.values, details=details)
        best, right = guilty[0]
        return Finding(
            right,
            np.full(len(right), best["skill"]),
            groups=images.labels[right],
            values={
                "property": best["property"],
                "accuracy": round(100 * best["accuracy"]),
                "chance": round(100 * best["chance"]),
            },
            details=details,
            n=len(guilty),
        )


def _too_good(facts: dict[str, Any]) -> bool:
    return bool(facts["skill"] >= MIN_SKILL or facts["class_skill"] >= MIN_CLASS_SKILL)


def _varies(table: Any, columns: tuple[str, ...]) -> bool:
    return any(table[column].nunique() > 1 for column in columns)


def _sample(images: Images) -> np.ndarray:
    sizes = np.bincount(images.labels)
    rows = np.flatnonzero(sizes[images.labels] >= _N_FOLDS)
    chosen = np.random.default_rng(0).permutation(rows)[:_N_SAMPLE]
    sizes = np.bincount(images.labels[chosen], minlength=len(sizes))
    return np.sort(chosen[sizes[images.labels[chosen]] >= _N_FOLDS])
