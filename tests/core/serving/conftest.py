"""A tiny network on disk, made once, and published where a test wants it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.core.models.card import Card, Export, InputSpec, load_card, save_card
from dashboard.core.models.store import publish
from dashboard.core.serving.client import EngineClient, engine
from dashboard.core.settings import Settings, settings

CLASSES = ("red", "green", "blue")


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tell the colour of an 8×8 image: its brightest channel, through a convolution."""
    import keras

    from dashboard.core.models.export import export_openvino

    folder = tmp_path_factory.mktemp("model")
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(3, 1, name="colours"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, name="logits"),
        ]
    )
    model.get_layer("colours").set_weights([np.eye(3).reshape(1, 1, 3, 3), np.zeros(3)])
    model.get_layer("logits").set_weights([4 * np.eye(3), np.zeros(3)])
    model.save(folder / "model.keras")
    samples = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 3), np.uint8)
    export = export_openvino(model, folder, samples)
    assert isinstance(export, Export)
    save_card(
        Card(
            name="run",
            version="",
            classes=CLASSES,
            input=InputSpec(height=8, width=8, channels=3),
            network="tiny",
            parameters=model.count_params(),
            export=export,
        ),
        folder,
    )
    return folder


@pytest.fixture
def variant(model_folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a copy of the model with other fields on its card, and another version."""

    def make(**update: object) -> Path:
        folder = tmp_path / f"variant-{len(list(tmp_path.glob('variant-*')))}"
        shutil.copytree(model_folder, folder)
        with (folder / "model.keras").open("ab") as file:
            file.write(folder.name.encode())  # behind the end of the zip: the same weights
        fields = load_card(folder).model_dump(exclude={"tasks"})  # follows from the classes
        save_card(Card(**{**fields, **update}), folder)
        return folder

    return make


@pytest.fixture
def published(home: Path, model_folder: Path) -> Card:
    """Publish the model as `digits`, the default model."""
    return publish(model_folder, "digits")


@pytest.fixture
def image() -> bytes:
    """A picture, mostly green, 40×20 pixels."""
    return png(np.full((20, 40, 3), (10, 250, 30), np.uint8))


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def client(home: Path) -> Iterator[EngineClient]:
    """The client of this home; afterwards its socket folder is gone."""
    engine.cache_clear()
    socket: Path = Settings.from_environment({"LIGHTBOX_HOME": str(home)}).engine_socket
    assert socket == settings().engine_socket
    client = engine()
    yield client
    client.close()
    engine.cache_clear()
    shutil.rmtree(socket.parent, ignore_errors=True)
