"""In which precision a network computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import keras

Precision = Literal["float32", "bfloat16"]


def compute_in(network: keras.Model, precision: Precision) -> None:
    """Let every layer compute in `precision`, from the next trace on; weights stay float32.

    bfloat16 has the range of float32, so the loss needs no scaling, and eight bits of it: see
    Kalamkar et al. 2019, "A Study of BFLOAT16 for Deep Learning Training", arXiv 1905.12322.
    """
    policy = "float32" if precision == "float32" else f"mixed_{precision}"
    # Keras' own way into composite layers, such as attention; `layers` ends at their surface.
    for layer in network._flatten_layers(include_self=False):
        layer.dtype_policy = policy
