"""The way to OpenVINO, for every file that needs it."""

from __future__ import annotations

import sys
from typing import Any

# Single precision: OpenVINO would compute in bf16 where the processor can, and flip a few answers.
# One request at a time is spread over all cores: visitors come one by one.
COMPILE_OPTIONS = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}


def openvino() -> Any:
    """Import OpenVINO with its usage reports switched off.

    On import it would send an event to Google Analytics and write into `~/intel`; nobody agreed
    to that. A module that is `None` cannot be imported, and OpenVINO then uses its own stub.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
