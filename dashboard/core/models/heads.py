"""Several answers from one network. Imports TensorFlow.

Caruana 1997, "Multitask Learning", Machine Learning 28: tasks that share their features learn
from each other's labels. A multi-label network needs nothing of this: its logits are those of a
single-label one, under a sigmoid instead of a softmax.
"""

from __future__ import annotations

import keras
from keras import layers

from dashboard.core.errors import InvalidInput


def with_heads(model: keras.Model, heads: dict[str, int]) -> keras.Model:
    """Replace the last layer of a network by one of logits for each task.

    Args:
        model: A network that ends in logits, from the catalogue or from `transfer`; its layers
            but the last are shared with what is returned.
        heads: Name of each task, such as a column of labels → number of its classes.

    Returns:
        A model whose output is a dictionary: task → logits (n, classes).
    """
    if not heads or min(heads.values()) < 1:
        raise InvalidInput(
            "A network needs at least one task, and each task at least one class; received "
            "{value}.",
            code="invalid_heads",
            value=str(heads)[:200],
        )
    features = model.layers[-1].input
    # Numbered, not named: a task's name comes from a table and may hold any sign.
    outputs = {
        task: layers.Dense(n_classes, name=f"logits_{number}")(features)
        for number, (task, n_classes) in enumerate(heads.items(), 1)
    }
    return keras.Model(model.inputs[0], outputs, name=model.name)


def one_head(model: keras.Model, task: str) -> keras.Model:
    """Return the network of one task, weights shared: what is explained, exported and served.

    Args:
        model: What `with_heads` has built.
        task: One of its tasks.
    """
    outputs = model.output
    if task not in outputs:
        raise InvalidInput(
            "The network has no task “{value}”. Choose one of: {choices}.",
            code="unknown_task",
            value=task[:80],
            choices=", ".join(outputs),
        )
    return keras.Model(model.inputs[0], outputs[task], name=model.name)
