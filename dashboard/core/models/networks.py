"""The catalogue of networks. TensorFlow is imported only when one is built.

Every network takes pixel values 0–255 in `(n, h, w, c)`, rescales them itself and ends in logits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboard.core.errors import InvalidInput
from dashboard.core.text import mark


@dataclass(frozen=True)
class Network:
    """One entry of the catalogue.

    Attributes:
        id: Stable name, as in recipes and cards.
        label: Name shown to people.
        description: One sentence: structure and source.
        height, width, channels: Input shape; the default where `free_input` is true.
        build: `(n_classes, height, width, channels) → keras.Model`.
        free_input: Whether a recipe may choose another size and number of channels.
        value_range: What its first layer makes of 0 and of 255.
    """

    id: str
    label: str
    description: str
    height: int
    width: int
    channels: int
    build: Callable[[int, int, int, int], Any]
    free_input: bool = False
    value_range: tuple[float, float] = (0.0, 1.0)


def _document(filters: tuple[int, ...], dense: int, pool_last: bool) -> Callable[..., Any]:
    def build(n_classes: int, height: int, width: int, channels: int) -> Any:
        from dashboard.core.models.convolutional import convolutional

        return convolutional(n_classes, (height, width, channels), filters, dense, pool_last)

    return build


def _residual(n_classes: int, height: int, width: int, channels: int) -> Any:
    from dashboard.core.models.residual import residual

    return residual(n_classes, (height, width, channels))


NETWORKS = (
    Network(
        "doc-000",
        mark("CNN of document 000"),
        mark("224×224 colour: conv 32, 64, 128 with max pooling, dense 512, softmax."),
        224,
        224,
        3,
        _document((32, 64, 128), 512, pool_last=True),
    ),
    Network(
        "doc-001",
        mark("CNN of document 001"),
        mark("28×28 grey: conv 32, 64 with max pooling, dense 64, softmax."),
        28,
        28,
        1,
        _document((32, 64), 64, pool_last=True),
    ),
    Network(
        "doc-002",
        mark("CNN of document 002"),
        mark("28×28 grey: the layers of document 001, trained on whole-number labels."),
        28,
        28,
        1,
        _document((32, 64), 64, pool_last=True),
    ),
    Network(
        "doc-003",
        mark("CNN of document 003"),
        mark("32×32 colour: conv 32, 64, 64 with two max poolings, dense 64, logits."),
        32,
        32,
        3,
        _document((32, 64, 64), 64, pool_last=False),
    ),
    Network(
        "residual",
        mark("Small residual network"),
        mark(
            "Three residual stages of 32, 64 and 128 channels with batch normalisation "
            "(He et al. 2015, arXiv 1512.03385), global average pooling; any input size."
        ),
        32,
        32,
        3,
        _residual,
        free_input=True,
        value_range=(-1.0, 1.0),
    ),
)


def get_network(network_id: str) -> Network:
    """Return the entry with this id; `InvalidInput` names the choices."""
    for network in NETWORKS:
        if network.id == network_id:
            return network
    raise InvalidInput(
        "There is no network “{value}”. Choose one of: {choices}.",
        code="unknown_network",
        value=network_id,
        choices=", ".join(network.id for network in NETWORKS),
    )
