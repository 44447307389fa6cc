"""How well scores tell a model's own pictures from foreign ones: why likeness decides.

    python -m tests.bench.foreign cifar10

The model must be published under that name, its data set be in the home folder. Own pictures are
its test images; the threshold lets 95 % of the validation images pass.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from scipy.special import logsumexp
from sklearn.covariance import EmpiricalCovariance
from sklearn.metrics import roc_auc_score

from dashboard.core.data.pack import pack
from dashboard.core.data.store import get_dataset
from dashboard.core.evaluate.foreign import foreign_pictures
from dashboard.core.models.card import InputSpec
from dashboard.core.models.outputs import Outputs
from dashboard.core.models.reference import NEIGHBOUR, unit
from dashboard.core.models.store import get_model
from dashboard.core.serving.backends import OpenVinoBackend

Score = Callable[[Outputs], np.ndarray]


def main(name: str) -> None:
    """Print refusals and AUROC of every score for every kind of foreign pictures."""
    model = get_model(name)
    spec, backend = model.card.input, OpenVinoBackend(model.folder)
    assert model.card.dataset is not None
    dataset = get_dataset(model.card.dataset.name, model.card.dataset.version)
    images, splits = pack(dataset, *_size(spec)), dataset.index["split"].to_numpy()

    def look(pictures: np.ndarray) -> Outputs:
        parts = [backend.outputs(pictures[at : at + 250]) for at in range(0, len(pictures), 250)]
        return Outputs(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    train, val, test = (look(images[splits == split]) for split in ("train", "val", "test"))
    foreign = {kind: look(found) for kind, found in foreign_pictures(*_size(spec)).items()}
    for score, measure in _scores(train, dataset.targets("train")).items():
        own, least = measure(test), np.quantile(measure(val), 0.05)
        cells = [f"test {np.mean(own < least):5.1%}"]
        for kind, found in foreign.items():
            strange = measure(found)
            truth = np.r_[np.ones(len(own)), np.zeros(len(strange))]
            area = roc_auc_score(truth, np.r_[own, strange])
            cells.append(f"{kind} {np.mean(strange < least):5.1%} {area:.3f}")
        print(f"{score:28}", " · ".join(cells))


def _size(spec: InputSpec) -> tuple[int, int, int]:
    return spec.height, spec.width, spec.channels


def _scores(train: Outputs, labels: np.ndarray) -> dict[str, Score]:
    """Score → its function; higher for what is known."""
    means = np.stack([train.features[labels == one].mean(axis=0) for one in np.unique(labels)])
    spread = EmpiricalCovariance().fit(train.features - means[labels])

    def probability(found: Outputs) -> np.ndarray:
        return np.exp(found.logits.max(axis=1) - logsumexp(found.logits, axis=1))

    def mahalanobis(found: Outputs) -> np.ndarray:
        return -np.min([spread.mahalanobis(found.features - mean) for mean in means], axis=0)

    def likeness(per_class: int) -> Score:
        rows = [np.flatnonzero(labels == one)[:per_class] for one in np.unique(labels)]
        bank = unit(train.features[np.concatenate(rows)])

        def score(found: Outputs) -> np.ndarray:
            return np.partition(unit(found.features) @ bank.T, -NEIGHBOUR, axis=1)[:, -NEIGHBOUR]

        return score

    return {
        "largest probability": probability,
        "energy (2010.03759)": lambda found: logsumexp(found.logits, axis=1),
        "Mahalanobis (1807.03888)": mahalanobis,
        **{f"5th neighbour of {n} a class": likeness(n) for n in (10, 50, 500, 5000)},
    }


if __name__ == "__main__":
    main(sys.argv[1])
