"""What the engine tells of itself to whoever watches over it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """How busy the engine is.

    Attributes:
        memory_bytes: Resident memory of its process.
        held: Queue, `quick` or `slow`, → how many requests work or wait in it.
        refused: Queue → how many it has refused since the engine started.
        models: Model in memory → bytes of its weights.
    """

    memory_bytes: int
    held: dict[str, int]
    refused: dict[str, int]
    models: dict[str, int]
