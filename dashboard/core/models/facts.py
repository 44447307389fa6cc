"""What each network of the catalogue and each backbone costs. Importable without TensorFlow.

Counted and measured beforehand, at the default input size and for ten classes, since counting
takes TensorFlow and minutes. After a change of the catalogue:

    .venv/bin/python -m tests.bench.networks
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FACTS_FILE = Path(__file__).parent / "facts.json"


@dataclass(frozen=True)
class Facts:
    """The costs of one network.

    Attributes:
        id: Id in the catalogue of networks, or in that of the backbones.
        height, width, channels: Input shape the figures hold for.
        parameters: Number of weights.
        flops: Floating-point operations of one image's forward pass, by the rule of `cost.flops`.
        weights_bytes: Size of the weights in memory, single precision.
        activation_bytes: Size of the largest map one layer hands to the next, for one image.
        cpu_ms: Median time of one image through the exported form, in ms.
        gpu_ms: The same through TensorFlow on a GPU; None where it was measured without one.
        licence: Licence of what one starts from: ours, or that of the ImageNet weights.
    """

    id: str
    height: int
    width: int
    channels: int
    parameters: int
    flops: int
    weights_bytes: int
    activation_bytes: int
    cpu_ms: float
    gpu_ms: float | None
    licence: str


@dataclass(frozen=True)
class FactSheet:
    """All figures of one measurement and the machine they were taken on."""

    machine: str
    networks: tuple[Facts, ...]
    backbones: tuple[Facts, ...]


@cache
def fact_sheet() -> FactSheet:
    """Read the figures that come with Lightbox."""
    data = json.loads(FACTS_FILE.read_text(encoding="utf-8"))
    networks, backbones = (
        tuple(Facts(**row) for row in data[part]) for part in ("networks", "backbones")
    )
    return FactSheet(data["machine"], networks, backbones)
