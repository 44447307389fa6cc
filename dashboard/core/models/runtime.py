"""The way to OpenVINO, for every file that needs it."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# Single precision: OpenVINO would compute in bf16 where the processor can, and flip a few answers.
# One request at a time is spread over all cores: visitors come one by one.
_OPTIONS = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}


def openvino() -> Any:
    """Import OpenVINO with its usage reports switched off.

    On import it would send an event to Google Analytics and write into `~/intel`; nobody agreed
    to that. A module that is `None` cannot be imported, and OpenVINO then uses its own stub.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


FAST = {"INFERENCE_PRECISION_HINT": "bf16"}
"""Options of `compiled` for half the time, where the processor can and some answers may flip."""


def computes_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself; `FAST` changes nothing elsewhere."""
    return "BF16" in openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def read(path: str) -> Any:
    """Return the OpenVINO model in a file, with its weights in memory.

    OpenVINO would map the file instead, and a process that reads what has been cut off a mapped
    file is killed.
    """
    core = openvino().Core()
    core.set_property({"ENABLE_MMAP": False})
    return core.read_model(path)


def compiled(model: Any, **options: str) -> Any:
    """Compile `model`, an OpenVINO model or the path of one, for the CPU, in single precision.

    OpenVINO 2026.4 gives the compiling thread a stack for its signal handlers, and whoever frees
    the model puts back the one before. Of two models freed in the order they came in, the second
    puts back the first one's, which is gone by then: the next signal crashes the process. In a
    thread of its own that does no harm.

    Args:
        model: What to compile.
        **options: Properties that differ from ours.
    """
    with ThreadPoolExecutor(1, "compile") as alone:
        core = openvino().Core()
        return alone.submit(core.compile_model, model, "CPU", _OPTIONS | options).result()
