"""The explainers, for pages and engine. Importable without TensorFlow."""

from __future__ import annotations

from dashboard.core.errors import InvalidInput
from dashboard.core.explain.base import Explainer
from dashboard.core.explain.grad_cam import GradCam

EXPLAINERS: tuple[Explainer, ...] = (GradCam(),)


def get_explainer(explainer_id: str) -> Explainer:
    """Return the explainer with this id; `InvalidInput` names the choices."""
    for explainer in EXPLAINERS:
        if explainer.id == explainer_id:
            return explainer
    raise InvalidInput(
        "The field `explain` names no method: “{value}”. Choose one of: {choices}.",
        code="unknown_explainer",
        value=explainer_id[:80],
        choices=", ".join(explainer.id for explainer in EXPLAINERS),
    )
