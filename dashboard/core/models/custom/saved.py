"""The custom networks in the home folder: `networks/<name>.json`. No TensorFlow."""

from __future__ import annotations

import json
from typing import Any

from dashboard.core.atomic import exclusive, write_bytes
from dashboard.core.errors import Conflict, LightboxError, NotFound
from dashboard.core.models.custom.layer_list import LayerList, check, read_layers
from dashboard.core.models.network import Network
from dashboard.core.models.store import check_name
from dashboard.core.settings import settings
from dashboard.core.text import mark

PREFIX = "custom:"
"""How the ids of custom networks begin, in recipes and cards."""


def save_network(name: str, layers: LayerList) -> str:
    """Keep a network under `name` and return its id in the catalogue.

    A name stands for one network for good, since recipes and cards refer to it: saving another
    one under it raises `Conflict`, saving the same one again changes nothing.

    Args:
        name: As a model's: 1 to 60 letters of any language, digits, `-` and `_`.
        layers: The network; `InvalidInput` if it does not fit together.
    """
    name = check_name(name)
    check(layers, n_classes=2)
    folder = settings().networks
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    with exclusive(folder / ".lock"):
        if not path.exists():
            text = json.dumps(layers.to_json(), indent=1)
            write_bytes(path, text.encode() + b"\n")
        elif load_layers(name) != layers:
            raise Conflict(
                "There is another network “{name}” already. Choose another name.",
                code="network_exists",
                name=name,
            )
    return PREFIX + name


def load_layers(name: str) -> LayerList:
    """Read a saved network; `NotFound` names the choices, `LightboxError` if it is damaged."""
    if name not in saved_names():
        raise NotFound(
            "There is no custom network “{value}”. Saved ones: {choices}.",
            code="unknown_network",
            value=name[:80],
            choices=", ".join(saved_names()) or "–",
        )
    try:
        return read_layers((settings().networks / f"{name}.json").read_bytes())
    except (OSError, LightboxError) as error:
        raise LightboxError(
            "The custom network “{name}” is damaged. Save it again under another name.",
            code="damaged_network",
            name=name,
        ) from error


def saved_names() -> list[str]:
    """Return the names of all saved networks."""
    return sorted(path.stem for path in settings().networks.glob("[!.]*.json"))


def custom_network(name: str) -> Network:
    """Return a saved network as an entry of the catalogue."""
    layers = load_layers(name)

    def build(n_classes: int, *_: int) -> Any:
        from dashboard.core.models.custom.building import build

        return build(layers, n_classes)

    return Network(
        PREFIX + name,
        name,
        mark("A network of your own layers."),
        *(layers.height, layers.width, layers.channels),
        build,
    )
