"""One 640×480 JPEG through `POST /api/v1/classify`, against what it is made of and a naive demo.

The network is MobileNetV2 at 224×224 with random weights and 1000 classes. ONNX Runtime is no part
of Lightbox, so the first argument names a Python that has it, for example:

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install onnxruntime onnx tf2onnx pillow==12.3.0
    .venv/bin/python -m tests.bench.serving /tmp/peer/bin/python [rounds]
"""

from __future__ import annotations

import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from dashboard.core.images import decode, fit
from dashboard.core.models.store import get_model
from dashboard.core.serving.backends import OpenVinoBackend
from dashboard.core.settings import REPOSITORY, settings
from tests.server import Lightbox, free_port

SIDE, N_CLASSES = 224, 1000
PER_ROUND = 30
CROWD_S, CROWD = 6.0, 4
"""Seconds and clients of each measurement of throughput."""


def picture() -> bytes:
    """Return a JPEG as smooth and as detailed as a photograph."""
    random = np.random.default_rng(0)
    pixels = np.zeros((480, 640, 3))
    for side in (4, 16, 64, 256):
        coarse = random.normal(0, 90 / side**0.5, (side * 3 // 4, side, 3))
        for channel in range(3):
            layer = Image.fromarray(coarse[..., channel].astype(np.float32))
            pixels[..., channel] += layer.resize((640, 480), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels + 128, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=90)
    return out.getvalue()


def publish_random(folder: Path) -> Any:
    """Publish the network as `mobile`, and return the Keras model."""
    import keras

    from dashboard.core.models.card import Card, InputSpec, save_card
    from dashboard.core.models.export import export_openvino
    from dashboard.core.models.networks import get_network
    from dashboard.core.models.store import publish

    keras.utils.set_random_seed(0)
    model = get_network("transfer:MobileNetV2:random").build(N_CLASSES, SIDE, SIDE, 3)
    images = np.random.default_rng(0).integers(0, 256, (16, SIDE, SIDE, 3), np.uint8)
    normalise(model, images)
    model.save(folder / "model.keras")
    card = Card(
        name="mobile",
        version="",
        classes=tuple(f"class {i}" for i in range(N_CLASSES)),
        input=InputSpec(height=SIDE, width=SIDE, channels=3),
        network="transfer:MobileNetV2:random",
        parameters=model.count_params(),
        export=export_openvino(model, folder, images),
    )
    save_card(card, folder)
    publish(folder, "mobile")
    return model


def normalise(model: Any, images: np.ndarray) -> None:
    """Set its batch normalisations by `images`: random weights would let no signal through."""
    import keras

    layers = [each for each in model._flatten_layers() if hasattr(each, "momentum")]
    for layer in layers:
        assert isinstance(layer, keras.layers.BatchNormalization)
        layer.momentum, kept = 0.0, layer.momentum
    model(images, training=True)
    for layer in layers:
        layer.momentum = kept


class Peer:
    """`onnx_peer.py`, in a process of its own."""

    def __init__(self, python: str, network: Path, image: Path) -> None:
        script = REPOSITORY / "tests" / "bench" / "onnx_peer.py"
        self._process = subprocess.Popen(
            [python, str(script), str(network), str(image), str(SIDE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, n: int) -> dict[str, Any]:
        """Return what it says of `n` answers."""
        assert self._process.stdin
        assert self._process.stdout
        print(n, file=self._process.stdin, flush=True)
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def end(self) -> None:
        """Let it end."""
        self._process.communicate()


class Client:
    """Asks Lightbox about one picture again and again, each thread over a connection of its own.

    The form is written once: a client that writes it anew would be measured with the server.
    """

    def __init__(self, url: str, content: bytes) -> None:
        files, data = {"image": ("a.jpg", content, "image/jpeg")}, {"model": "mobile"}
        form = httpx.Request("POST", f"{url}/api/v1/classify", files=files, data=data)
        self._place, self._path = form.url.netloc.decode(), form.url.path
        self._body, self._headers = form.read(), {"Content-Type": form.headers["Content-Type"]}
        self._own = threading.local()

    def classify(self) -> dict[str, Any]:
        """Return its answer, or raise `OSError` where there is none."""
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection(self._place, timeout=60)
        try:
            self._own.connection.request("POST", self._path, self._body, self._headers)
            answer = self._own.connection.getresponse()
            told: dict[str, Any] = json.loads(answer.read())
        except OSError:
            self._own.connection.close()
            raise
        if answer.status != 200:
            raise ConnectionError(told)
        return told


def per_second(ask: Callable[[], object]) -> float:
    """Return how many answers `CROWD` clients get in a second."""
    until, counts = time.monotonic() + CROWD_S, [0] * CROWD

    def work(i: int) -> None:
        while time.monotonic() < until:
            ask()
            counts[i] += 1

    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(i,)) for i in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - began)


@contextmanager
def naive_demo(network: Path, image: Path) -> Iterator[Callable[[], object]]:
    """Run the naive demo; yield what asks it once, as its own client does."""
    from gradio_client import Client, handle_file

    port = free_port()
    script = REPOSITORY / "tests" / "bench" / "naive_demo.py"
    process = subprocess.Popen(
        [sys.executable, str(script), str(network), str(SIDE), str(port)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "GRADIO_ANALYTICS_ENABLED": "False"},
    )
    url = f"http://127.0.0.1:{port}"
    while not reachable(url):
        time.sleep(0.5)
    client = Client(url, verbose=False, analytics_enabled=False)
    yield lambda: client.predict(handle_file(str(image)), api_name="/classify")
    client.close()
    process.terminate()
    process.wait()


def reachable(url: str) -> bool:
    """Whether something answers there."""
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def p50(values: list[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def main() -> None:
    """Print the medians; everything takes turns."""
    python, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    found = subprocess.run(
        [python, "-c", "import onnxruntime, onnx; print(onnx.__path__[0])"],
        capture_output=True,
        text=True,
    )
    if found.returncode:
        sys.exit(f"{python} has no onnxruntime and onnx: {found.stderr[-200:]}")
    sys.path.append(str(Path(found.stdout.strip()).parent))  # tf2onnx needs our TensorFlow
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["LIGHTBOX_HOME"] = str(folder / "home")
        settings.cache_clear()
        publish_random(folder).export(folder / "model.onnx", format="onnx", verbose=False)
        (folder / "a.jpg").write_bytes(picture())
        measure(folder, python, rounds)


def measure(folder: Path, python: str, rounds: int) -> None:
    """Take turns on the network in `folder`."""
    content = (folder / "a.jpg").read_bytes()
    peer = Peer(python, folder / "model.onnx", folder / "a.jpg")
    lightbox = Lightbox(folder / "home")
    lightbox.start()
    lightbox.wait_ready()
    client = Client(lightbox.url, content)
    with naive_demo(folder / "model.keras", folder / "a.jpg") as ask_naive:
        answer, label = client.classify(), peer.ask(5)["label"]
        print(f"likeliest class: ours {answer['predictions'][0]['index']}, peer's {label}")
        ask_naive()
        took: dict[str, list[float]] = {"total": [], "predict": [], "decode": [], "model": []}
        ours_decode: list[float] = []
        backend, alone = OpenVinoBackend(get_model("mobile").folder), []
        for _ in range(rounds):
            for _ in range(PER_ROUND):
                began = time.perf_counter()
                timing = client.classify()["timing_ms"]
                took["total"].append((time.perf_counter() - began) * 1e3)
                took["predict"].append(timing["predict"])
                ours_decode.append(timing["decode"])
            for _ in range(PER_ROUND):
                batch = fit(decode(content).pixels, SIDE, SIDE, 3)[np.newaxis]
                began = time.perf_counter()
                backend.outputs(batch)
                alone.append((time.perf_counter() - began) * 1e3)
            told = peer.ask(PER_ROUND)
            took["decode"] += told["decode"]
            took["model"] += told["model"]
        floor = p50([a + b for a, b in zip(took["decode"], took["model"], strict=True)])
        print(f"request: p50 {p50(took['total']):.1f} ms; Pillow + ONNX Runtime {floor:.1f} ms")
        print(f"request / (Pillow + ONNX Runtime): {p50(took['total']) / floor:.2f}")
        print(f"decode + resize: ours {p50(ours_decode):.1f}, Pillow {p50(took['decode']):.1f} ms")
        model = p50(took["model"])
        print(f"model: ours {p50(alone):.1f}, ONNX Runtime {model:.1f} ms, each in one process")
        print(f"model / ONNX Runtime: {p50(alone) / model:.2f}")
        print(f"model within the request: {p50(took['predict']):.1f} ms")
        pairs = []
        for _ in range(3):
            naive = per_second(ask_naive)
            ours = per_second(client.classify)
            pairs.append((ours, naive))
        ours, naive = (p50([pair[i] for pair in pairs]) for i in (0, 1))
        print(f"{CROWD} clients: ours {ours:.1f}/s, naive {naive:.1f}/s, {ours / naive:.1f} times")
    peer.end()
    lightbox.stop()


if __name__ == "__main__":
    main()
