"""Seconds and accuracy on CIFAR-10: document 003's code as written against the preset `fast`.

    .venv/bin/python -m tests.bench.tutorial HOME

`HOME` holds CIFAR-10 as the data set `cifar10`. Each line is a process of its own from start to
result, one after the other, on the same images, with the accuracy on the same 5,000 test images.
The document's code trains for ten epochs on all images that are not for testing; `fast` holds a
tenth of them back and runs for different numbers of epochs: that is the curve. Its first point is
for the greatest hurry: pictures of 24×24, which take 0.56 of the operations of 32×32. Pictures
are packed in both sizes before, as an import does for the size they have.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from dashboard.core.data.pack import pack
from dashboard.core.data.store import get_dataset

ROUNDS = 2
HURRY = ("epochs=1", "image_size=24", "augmentation.pixel_shift=0")
CHANGES = (HURRY, *((f"epochs={n}",) for n in (1, 2, 4, 6)))


def main(home: Path) -> None:
    """Print the seconds and the accuracy of each process, and what they are of the document's."""
    os.environ["LIGHTBOX_HOME"] = str(home)
    pack(get_dataset("cifar10"), 24, 24, 3)
    for _ in range(ROUNDS):
        whole, accuracies = _timed("-m", "tests.bench.tutorial", str(home), "as-written")
        best, last = max(accuracies), accuracies[-1]
        print(f"as written\t{whole:.0f} s\t{last:.1%} at the end, {best:.1%} at best", flush=True)
        for changes in CHANGES:
            command = ["train", "fast", "--dataset", "cifar10", "--json"]
            options = [word for change in changes for word in ("--set", change)]
            seconds, result = _timed("-m", "dashboard", *command, *options)
            found = result["card"]["metrics"][0]
            text = f"{found['value']:.1%} ({found['low']:.1%}–{found['high']:.1%})"
            share = f"{seconds:.0f} s, {seconds / whole:.2f} of it"
            print(f"fast, {', '.join(changes)}\t{share}\t{text}", flush=True)


def _timed(*arguments: str) -> tuple[float, Any]:
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.PIPE)
    return time.perf_counter() - start, json.loads(done.stdout)


def as_written(home: Path) -> None:
    """Train as document 003's code does; print the test accuracy after each epoch as JSON."""
    os.environ["LIGHTBOX_HOME"] = str(home)
    import keras

    from dashboard.core.models.networks import get_network

    dataset = get_dataset("cifar10")
    pixels, labels = pack(dataset, 32, 32, 3) / 255.0, dataset.targets()
    test = (dataset.index["split"] == "test").to_numpy()
    network = get_network("doc-003").build(10, 32, 32, 3)
    model = keras.Sequential([keras.Input((32, 32, 3)), *network.layers[1:]])  # scaled above
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    held_out = (pixels[test], labels[test])
    history = model.fit(
        pixels[~test], labels[~test], epochs=10, validation_data=held_out, verbose=0
    )
    model.evaluate(*held_out, verbose=0)
    print(json.dumps(history.history["val_accuracy"]))


if __name__ == "__main__":
    as_written(Path(sys.argv[1])) if sys.argv[2:] else main(Path(sys.argv[1]))
