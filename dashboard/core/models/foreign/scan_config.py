"""The description of a foreign network, read as text before Keras sees it."""

from __future__ import annotations

import builtins
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from dashboard.core.models.foreign import limits, verdicts

_MODULES = re.compile(
    r"keras(\.src)?(\.(layers|models|engine|activations|initializers|regularizers|constraints|ops"
    r"|dtype_policies|mixed_precision|quantizers|random|losses|metrics|optimizers)(\.\w+)*)?"
)
"""Where Keras keeps what networks consist of; `keras.utils` fetches files, for one."""

_UNSAFE = {
    "Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer",
    "StringLookup", "IntegerLookup", "TextVectorization", "Hashing", "HashedCrossing",
    "FeatureSpace", "__typespec__", "TFOpLambda", "SlicingOpLambda", "TFLambda",
}  # fmt: skip
"""Run code of the file's, call a function it names, or open a path it names."""

_STANDARD = sys.stdlib_module_names | {"tensorflow", "numpy", "jax", "torch"}


def scan_config(text: bytes) -> dict[str, Any]:
    """Parse a network's description and return it if everything it names is harmless.

    A filter in front of Keras' own safe mode, not a replacement for it.

    Raises:
        TooLarge: Too long, or nested too deep for the parser.
        InvalidInput: `corrupt_model`, `unsafe_model` or `custom_layer`.
    """
    if len(text) > limits.MAX_CONFIG_BYTES or _depth(text) > limits.MAX_DEPTH:
        raise verdicts.too_complex()
    try:
        config = json.loads(text)
    except ValueError as error:
        raise verdicts.corrupt() from error
    if not isinstance(config, dict) or not isinstance(config.get("config"), (dict, list)):
        raise verdicts.corrupt()
    config.pop("compile_config", None)  # loss and optimizer are not loaded
    for part in parts_of(config):
        _check(part)
    return config


def parts_of(config: Any) -> Iterator[dict[str, Any]]:
    """Yield everything in a description that names a class: layers, initializers, models."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        config = list(config.values())
    if isinstance(config, list):
        for item in config:
            yield from parts_of(item)


def _depth(text: bytes) -> int:
    """Count how deep brackets are nested, outside strings."""
    deepest = depth = 0
    for sign in re.finditer(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        first = sign.group()[:1]
        depth += (first in b"[{") - (first in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _check(part: dict[str, Any]) -> None:
    name, module = part["class_name"], part.get("module")
    if name == "function":
        name = part.get("config")
    if not isinstance(name, str) or not isinstance(module, str | None):
        raise verdicts.corrupt()
    if name in _UNSAFE:
        raise verdicts.unsafe(name)
    if module is None:  # as in files of Keras 2, or something a file of Keras 3 does not find
        return
    if module == "builtins" and part["class_name"] == "function" and not hasattr(builtins, name):
        return  # how Keras notes its own activations
    package = module.split(".", 1)[0]
    if package in _STANDARD or (package == "keras" and not _MODULES.fullmatch(module)):
        raise verdicts.unsafe(f"{module}.{name}")
    if package != "keras":
        raise verdicts.custom(name)
