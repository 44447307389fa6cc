"""Networks that start from another one, named `transfer:…` in recipes. No TensorFlow here.

`transfer:MobileNetV2` takes ImageNet's weights, `transfer:MobileNetV2:random` none,
`transfer:MobileNetV2:FILE.h5` those in the folder `weights` of the Lightbox home, and
`transfer:model:NAME` a published model.
"""

from __future__ import annotations

from typing import Any

from dashboard.core.errors import InvalidInput
from dashboard.core.models.backbones import get_backbone
from dashboard.core.models.network import Network
from dashboard.core.models.store import get_model
from dashboard.core.settings import settings
from dashboard.core.text import mark

TRANSFER = "transfer:"

_MODEL = "model:"


def transfer_network(name: str) -> Network:
    """Return the network behind `transfer:` + `name`.

    Raises:
        InvalidInput: No such backbone, or weights that are no plain file name.
        NotFound: No such published model.
    """
    if name.startswith(_MODEL):
        return _from_model(name.removeprefix(_MODEL))
    backbone, _, weights = name.partition(":")
    entry = get_backbone(backbone)

    def build(n_classes: int, height: int, width: int, channels: int) -> Any:
        from dashboard.core.models.transfer import from_application

        path = _weights(weights or "imagenet")
        return from_application(entry.id, path, n_classes, height, width, channels)

    return Network(
        TRANSFER + name,
        TRANSFER + name,
        mark("A network of keras.applications under a new last layer; any input size it allows."),
        entry.side,
        entry.side,
        3,
        build,
        free_input=True,
    )


def _from_model(name: str) -> Network:
    spec = get_model(name).card.input

    def build(n_classes: int, height: int, width: int, channels: int) -> Any:
        from dashboard.core.models.transfer import from_model

        return from_model(name, n_classes)

    return Network(
        TRANSFER + _MODEL + name,
        TRANSFER + _MODEL + name,
        mark("A published model under a new last layer."),
        spec.height,
        spec.width,
        spec.channels,
        build,
    )


def _weights(name: str) -> str:
    if name in ("imagenet", "random"):
        return name
    if "/" in name or "\\" in name or name.startswith("."):
        raise InvalidInput(
            "Weights are named by a file in the folder “weights” of the Lightbox home; received "
            "“{value}”.",
            code="invalid_weights",
            value=name[:80],
        )
    return str(settings().home / "weights" / name)
