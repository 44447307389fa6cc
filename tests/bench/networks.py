"""Count and measure what every network and backbone costs, and write `facts.json`.

Run: .venv/bin/python -m tests.bench.networks    (about ten minutes, 8 GB of memory)
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from dashboard.core.models.backbones import BACKBONES
from dashboard.core.models.cost import BYTES, flops, largest_activation_bytes
from dashboard.core.models.export import export_openvino
from dashboard.core.models.facts import FACTS_FILE, Facts
from dashboard.core.models.networks import NETWORKS
from dashboard.core.models.runtime import compiled
from dashboard.core.models.transfer import from_application
from tests.bench.explain import median_ms


def facts(name: str, model: keras.Model, licence: str) -> Facts:
    """Return the figures of a network with ten classes."""
    height, width, channels = model.input_shape[1:]
    return Facts(
        id=name,
        height=height,
        width=width,
        channels=channels,
        parameters=model.count_params(),
        flops=flops(model),
        weights_bytes=BYTES * model.count_params(),
        activation_bytes=largest_activation_bytes(model),
        cpu_ms=round(cpu_ms(model), 2),
        gpu_ms=round(gpu_ms(model), 2) if tf.config.list_physical_devices("GPU") else None,
        licence=licence,
    )


def cpu_ms(model: keras.Model) -> float:
    """Return the median time of one image through the exported form."""
    # Untrained, the signal of a deep network may explode, and then no two programs agree.
    model.layers[-1].kernel.assign(np.zeros(model.layers[-1].kernel.shape))
    image = np.random.default_rng(0).integers(0, 256, (1, *model.input_shape[1:]), np.uint8)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.keras").write_bytes(b"")  # only its hash is asked for
        assert export_openvino(model, folder, image)
        exported = compiled(os.fspath(folder / "openvino" / "model.xml"))
        request, batch = exported.create_infer_request(), image.astype(np.float32)
        return best_of_three(lambda: request.infer([batch]))


def gpu_ms(model: keras.Model) -> float:
    """Return the median time of one image through TensorFlow on the GPU, the answer fetched."""
    spec = tf.TensorSpec([1, *model.input_shape[1:]], tf.float32)
    forward = tf.function(
        lambda images: model(images, training=False), input_signature=[spec], autograph=False
    ).get_concrete_function()
    image = tf.zeros(spec.shape, spec.dtype)
    return best_of_three(lambda: forward(image).numpy())


def best_of_three(call: Callable[[], object]) -> float:
    """Return the least of three medians of ten: other work on the machine spoils some rounds."""
    return min(median_ms(call, 10) for _ in range(3))


def machine() -> str:
    """Return the processor and the number of its cores."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    names.append(platform.machine())
    return f"{names[0]} × {os.cpu_count()}"


def main() -> None:
    """Measure one after the other and write the file."""
    rows: dict[str, list[Facts]] = {"networks": [], "backbones": []}
    for network in NETWORKS:
        model = network.build(10, network.height, network.width, network.channels)
        rows["networks"].append(facts(network.id, model, "Apache-2.0"))
        print(rows["networks"][-1], flush=True)
    for backbone in BACKBONES:
        keras.backend.clear_session()
        model = from_application(backbone.id, "random", 10, backbone.side, backbone.side, 3)
        rows["backbones"].append(facts(backbone.id, model, backbone.licence))
        print(rows["backbones"][-1], flush=True)
    data = {"machine": machine()} | {
        part: [dataclasses.asdict(row) for row in found] for part, found in rows.items()
    }
    FACTS_FILE.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
