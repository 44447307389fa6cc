"""What every explainer is, and what it is given.

Importable without TensorFlow: pages read the catalogue.
"""

from __future__ import annotations

import inspect
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from dashboard.core.errors import InvalidInput
from dashboard.core.models.once import OnceCache

MAX_FUNCTIONS = 8
"""Traced functions kept per model: each holds a graph of a few megabytes."""


class ExplainableModel:
    """A loaded Keras model together with the functions that were traced for it.

    The functions live and die with the model, so a cache can never answer for another one.

    Args:
        network: A `keras.Model` that ends in logits.
    """

    def __init__(self, network: Any) -> None:
        self.network = network
        self._functions: OnceCache[Callable[..., Any]] = OnceCache(MAX_FUNCTIONS)
        self._tracing = threading.Lock()

    def function(self, key: Hashable, make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        """Return the traced function of `key`; made once, also when several threads ask.

        One is traced at a time, since tracing may change layers for its duration.
        """

        def make_alone() -> Callable[..., Any]:
            with self._tracing:
                return make()

        return self._functions.get(key, make_alone)


class Explainer(ABC):
    """One way to see why a model answers as it does.

    Subclasses set `id` and `label`, and their docstring is what the pages show.

    Attributes:
        id: Stable name, as in addresses and answers.
        label: Name shown to people; a key of the text catalogue.
    """

    id: str
    label: str

    @property
    def description(self) -> str:
        """The method in a few words: the docstring of its class."""
        return inspect.getdoc(self) or ""

    @abstractmethod
    def layers(self, model: ExplainableModel) -> tuple[str, ...]:
        """Return the layers it can look at, from input to output; empty if it needs none."""

    @abstractmethod
    def supports(self, model: ExplainableModel) -> str | None:
        """Return None, or the reason why it cannot explain this model (a catalogue key)."""

    @abstractmethod
    def explain(
        self, model: ExplainableModel, batch: np.ndarray, target: int, layer: str | None = None
    ) -> np.ndarray:
        """Return where the evidence for class `target` lies.

        Args:
            model: The model.
            batch: uint8 (n, h, w, c) in [0, 255], at the model's input size.
            target: Index of the class whose logit is explained.
            layer: One of `layers(model)`. Defaults to the last of them.

        Returns:
            float32 (n, rows, columns) in [0, 1], at the resolution of the method; each map is
            divided by its largest value, and is all zero where nothing speaks for the class.
        """

    def choose_layer(self, model: ExplainableModel, layer: str | None) -> str:
        """Check `layer`, or choose the last one; `InvalidInput` names the reason or choices."""
        reason = self.supports(model)
        if reason:
            raise InvalidInput(reason, code="unsupported_model")
        choices = self.layers(model)
        if layer is not None and layer not in choices:
            raise InvalidInput(
                "The field `layer` names no layer that can be shown: “{value}”. "
                "Choose one of: {choices}.",
                code="unknown_layer",
                value=layer[:80],
                choices=", ".join(choices),
            )
        return layer or choices[-1]
