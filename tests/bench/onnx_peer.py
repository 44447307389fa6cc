"""Pillow and ONNX Runtime in one process, for `serving.py`; runs in a Python of their own.

Reads numbers from its input, and after each answers that many times, as JSON:
`{"decode": [ms, …], "model": [ms, …], "label": index of the likeliest class}`.
"""

import io
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image


def main() -> None:
    """Answer until the input ends. Arguments: the network, the picture, its side in pixels."""
    session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
    content, side = Path(sys.argv[2]).read_bytes(), int(sys.argv[3])
    name = session.get_inputs()[0].name
    for line in sys.stdin:
        told: dict[str, list[float]] = {"decode": [], "model": []}
        for _ in range(int(line)):
            began = time.perf_counter()
            image = Image.open(io.BytesIO(content)).convert("RGB")
            left = (image.width - image.height) / 2
            box = (left, 0, left + image.height, image.height)
            scaled = image.resize((side, side), Image.Resampling.BILINEAR, box=box)
            batch = np.asarray(scaled, np.float32)[np.newaxis]
            decoded = time.perf_counter()
            logits = session.run(None, {name: batch})[0]
            told["decode"].append((decoded - began) * 1e3)
            told["model"].append((time.perf_counter() - decoded) * 1e3)
        print(json.dumps({**told, "label": int(logits[0].argmax())}), flush=True)


if __name__ == "__main__":
    main()
