"""The rows M1–M12 of the bad inputs: each file is refused with its code and a plain sentence."""

from __future__ import annotations

import json
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from dashboard.core.errors import Forbidden, LightboxError
from dashboard.core.settings import settings
from tests.core.models.foreign import hostile, keras_2
from tests.core.models.foreign.conftest import LABELS, Import, network
from tests.server import free_port

Make = Callable[[Path, Path], Path]
"""`(a sound .keras file, an empty folder) → the file to refuse`."""


def built(model: keras.Model, name: str = "m.keras") -> Make:
    def make(saved: Path, folder: Path) -> Path:
        model.save(folder / name)
        return folder / name

    return make


def layer(**entry: Any) -> Make:
    return lambda saved, folder: hostile.with_layer(saved, folder / "m.keras", **entry)


def described(change: Callable[[dict[str, Any]], Any]) -> Make:
    return lambda saved, folder: hostile.changed(saved, folder / "m.keras", change)


def member(name: str, content: bytes | None) -> Make:
    """Replace a part of the file, or leave it out."""

    def make(saved: Path, folder: Path) -> Path:
        parts = hostile.parts(saved) | ({} if content is None else {name: content})
        if content is None:
            del parts[name]
        return hostile.packed(folder / "m.keras", parts)

    return make


def content(name: str, content: bytes) -> Make:
    def make(saved: Path, folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def weights(change: Callable[[h5py.File], None]) -> Make:
    return lambda saved, folder: hostile.changed_weights(saved, folder / "m.keras", change)


def truncated(saved: Path, folder: Path) -> Path:
    whole = saved.read_bytes()
    (folder / "m.keras").write_bytes(whole[: len(whole) // 2])
    return folder / "m.keras"


def bomb(saved: Path, folder: Path) -> Path:
    parts = hostile.parts(saved) | {"model.weights.h5": bytes(150 * 10**6)}
    return hostile.packed(folder / "m.keras", parts, zipfile.ZIP_DEFLATED)


def legacy(change: Callable[[dict[str, Any]], Any]) -> Make:
    def make(saved: Path, folder: Path) -> Path:
        keras_2.write(folder / "m.h5", 12, keras_2.weights(3))
        with h5py.File(folder / "m.h5", "r+") as file:
            config = json.loads(file.attrs["model_config"])
            change(config)
            file.attrs["model_config"] = json.dumps(config)
        return folder / "m.h5"

    return make


def lambda_network() -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Lambda(lambda x: x + 1),
                             layers.Flatten(), layers.Dense(3)])  # fmt: skip


def nested(times: int) -> Make:
    """As text: Python's own writer gives up at this depth."""
    around = '{"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": ['

    def make(saved: Path, folder: Path) -> Path:
        parts = hostile.parts(saved)
        inner = parts["config.json"].decode()
        deep = around * times + inner + "]}}" * times
        return hostile.packed(folder / "m.keras", {**parts, "config.json": deep.encode()})

    return make


def first_layer(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda config: config["config"]["layers"][1]["config"].update(values)


def external(file: h5py.File) -> None:
    file["elsewhere"] = h5py.ExternalLink("/etc/hostname", "/")


def soft(file: h5py.File) -> None:
    file["elsewhere"] = h5py.SoftLink("/layers")


def outside(file: h5py.File) -> None:
    file.create_dataset("raw", (8,), "u1", external=[("/etc/hostname", 0, 8)])


def objects(file: h5py.File) -> None:
    file.create_dataset("any", (2,), h5py.string_dtype())


def assembled(file: h5py.File) -> None:
    source = h5py.VirtualSource("/etc/hostname", "x", (4,))
    plan = h5py.VirtualLayout((4,), "f4")
    plan[:] = source
    file.create_virtual_dataset("virtual", plan)


def many(file: h5py.File) -> None:
    file.create_dataset("huge", (10**6, 10**4), "f4", chunks=(1000, 1000))


def image_input(*shape: int | None) -> keras.Model:
    return keras.Sequential([keras.Input(shape), layers.Conv2D(2, 1), layers.GlobalMaxPooling2D(),
                             layers.Dense(3)])  # fmt: skip


def two_inputs() -> keras.Model:
    one, two = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    return keras.Model([one, two], layers.Dense(3)(layers.Flatten()(layers.Add()([one, two]))))


def two_heads() -> keras.Model:
    image = keras.Input((8, 8, 3))
    flat = layers.Flatten()(image)
    return keras.Model(image, [layers.Dense(3)(flat), layers.Dense(2)(flat)])


def map_of_classes() -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(3, 1, activation="softmax")])


def sequence() -> keras.Model:
    return keras.Sequential([keras.Input((40, 16)), layers.LSTM(4), layers.Dense(3)])


PORT = free_port()
URL = f"http://127.0.0.1:{PORT}/"

FUNCTION = {"class_name": "function", "registered_name": None}

ROWS: dict[str, tuple[Make, str, str]] = {
    # M1
    "a lambda": (built(lambda_network()), "unsafe_model", "Lambda"),
    "a lambda in .h5": (built(lambda_network(), "m.h5"), "unsafe_model", "Lambda"),
    # M2
    "os.system": (
        layer(module="os", class_name="system", config={"command": "touch canary"}),
        "unsafe_model", "os.system",
    ),
    "eval": (
        described(first_layer(activation={**FUNCTION, "module": "builtins", "config": "eval"})),
        "unsafe_model", "eval",
    ),
    "get_file": (
        layer(module="keras.utils", class_name="get_file",
              config={"fname": "canary", "origin": URL}),
        "unsafe_model", "get_file",
    ),
    "a SavedModel layer": (
        layer(module="keras.layers", class_name="TFSMLayer", config={"filepath": "/tmp"}),
        "unsafe_model", "TFSMLayer",
    ),
    "a vocabulary elsewhere": (
        layer(module="keras.layers", class_name="StringLookup",
              config={"vocabulary": f"{URL}canary"}),
        "unsafe_model", "StringLookup",
    ),
    "a pickled module": (
        layer(module="keras.layers", class_name="TorchModuleWrapper", config={"module": "gASV"}),
        "unsafe_model", "TorchModuleWrapper",
    ),
    # M3
    "a layer of theirs": (
        layer(module="their.layers", class_name="Swish", registered_name="their>Swish"),
        "custom_layer", "“Swish”",
    ),
    "a layer of theirs in .h5": (
        legacy(lambda config: config["config"]["layers"][1].update(class_name="Swish")),
        "custom_layer", "“Swish”",
    ),
    "a function of theirs": (
        described(first_layer(activation={**FUNCTION, "module": "their", "config": "mish2"})),
        "custom_layer", "“mish2”",
    ),
    # M4
    "half a file": (truncated, "corrupt_model", "damaged"),
    "nothing": (content("m.keras", b""), "corrupt_model", "damaged"),
    "text": (content("m.keras", b"a model"), "corrupt_model", "damaged"),
    "text named .h5": (content("m.h5", b"a model"), "corrupt_model", "damaged"),
    "half an .h5": (content("m.h5", b"\x89HDF\r\n\x1a\n" + bytes(90)), "corrupt_model", "damaged"),
    # M5
    "no description": (member("config.json", None), "corrupt_model", "config.json"),
    "no weights": (member("model.weights.h5", None), "corrupt_model", "model.weights.h5"),
    "no version": (member("metadata.json", None), "corrupt_model", "metadata.json"),
    "rubbish for weights": (member("model.weights.h5", b"\0" * 900), "corrupt_model", "damaged"),
    "rubbish for a description": (member("config.json", b"{'a'"), "corrupt_model", "damaged"),
    "other weights": (described(first_layer(filters=9)), "corrupt_model", "damaged"),
    "an .h5 of weights only": (
        content("m.h5", hostile.hdf5(lambda file: file.create_group("layers"))),
        "corrupt_model", "model_config",
    ),
    # M6
    "a way out": (member("assets/../../evil", b"canary"), "unsafe_model", "../evil"),
    "an asset": (member("assets/vocabulary.txt", b"canary"), "unsafe_model", "vocabulary"),
    # M7
    "160 GB asked for": (
        described(lambda config: config["config"]["layers"][-1]["config"].update(units=10**10)),
        "too_large", "memory",
    ),
    "1000 nested models": (nested(1000), "too_large", "nested"),
    "brackets without end": (
        member("config.json", b"[" * 100_000 + b"]" * 100_000), "too_large", "nested",
    ),
    # M8
    "a bomb": (bomb, "too_large", "100 times"),
    "too many weights": (weights(many), "too_large", "100 million"),
    "a link to another file": (weights(external), "unsafe_model", "elsewhere"),
    "a link inside": (weights(soft), "unsafe_model", "elsewhere"),
    "bytes of another file": (weights(outside), "unsafe_model", "raw"),
    "parts of another file": (weights(assembled), "unsafe_model", "virtual"),
    "references": (weights(objects), "unsafe_model", "any"),
    # M9
    **{
        f"a {name} file": (content(f"m.{name}", b"\x80\x04"), "unsupported_format", ".keras, .h5")
        for name in ("pkl", "pt", "onnx", "tflite", "pb")
    },
    # M10
    "channels first": (built(image_input(3, 28, 28)), "unsupported_input", "3 × 28 × 28"),
    "two channels": (built(image_input(8, 8, 2)), "unsupported_input", "8 × 8 × 2"),
    "two inputs": (built(two_inputs()), "unsupported_input", "2 inputs"),
    "a sequence": (built(sequence()), "unsupported_input", "40 × 16"),
    # M11
    "two heads": (built(two_heads()), "labels_mismatch", "2 separate heads"),
    "a map": (built(map_of_classes()), "labels_mismatch", "8 × 8 × 3 numbers"),
    "five classes": (built(network(n=5)), "labels_mismatch", "5 outputs, and 3 labels"),
    "one class": (built(network(n=1)), "labels_mismatch", "two classes apart; labels given: 3"),
    "NaN": (weights(hostile.fill(np.nan)), "non_finite_output", "NaN"),
    "infinity": (weights(hostile.fill(3e38)), "non_finite_output", "infinity"),
    # M12
    "a Keras to come": (
        member("metadata.json", b'{"keras_version": "4.1.0"}'), "newer_keras", "4.1.0",
    ),
    "an unknown precision": (
        described(first_layer(dtype="float9")), "newer_keras", "3.15",
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_it_is_refused(row: str, saved: Path, tmp_path: Path, take: Import) -> None:
    make, code, words = ROWS[row]
    folder = tmp_path / "given"
    folder.mkdir()
    path = make(saved, folder)
    before = files(tmp_path)
    with socket.create_server(("127.0.0.1", PORT)) as server:
        server.setblocking(False)
        with pytest.raises(LightboxError) as refused:
            take(path)
        with pytest.raises(BlockingIOError):  # nobody called
            server.accept()
    sentence = str(refused.value)
    assert (refused.value.code, words in sentence) == (code, True), sentence
    assert len(sentence) < 320
    assert "Traceback" not in sentence
    assert files(tmp_path) == before  # no canary, nothing published, nothing half done
    assert not list(tmp_path.rglob("canary"))


def files(folder: Path) -> set[Path]:
    """All files but the lock, which stays."""
    return {path for path in folder.rglob("*") if path.is_file() and path.name != ".importing"}


def test_a_saved_model_folder_is_refused(tmp_path: Path, take: Import) -> None:
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(LightboxError, match=r"\.keras, \.h5, \.hdf5") as refused:
        take(tmp_path / "m.keras")
    assert (refused.value.status, refused.value.code) == (415, "unsupported_format")


def test_a_file_over_the_limit_is_not_opened(tmp_path: Path, take: Import) -> None:
    with (tmp_path / "m.keras").open("wb") as file:
        file.truncate(201 * 10**6)
    with pytest.raises(LightboxError, match="201 MB") as refused:
        take(tmp_path / "m.keras")
    assert refused.value.status == 413


def test_a_demo_takes_nothing(saved: Path, take: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    with pytest.raises(Forbidden) as refused:
        take(saved)
    assert refused.value.code == "demo"


def test_the_sound_file_is_taken(saved: Path, take: Import) -> None:
    assert take(saved).card.classes == LABELS  # so none of the above is refused for being odd
