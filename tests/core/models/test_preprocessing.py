from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from dashboard.core.images import fit
from dashboard.core.models.card import Card, InputSpec
from dashboard.core.models.networks import NETWORKS, Network
from dashboard.core.models.preprocessing import preprocess
from dashboard.core.models.scaling import value_range
from dashboard.core.models.store import StoredModel, get_model

SIZE = InputSpec(height=4, width=4, channels=1)


def stored(folder: Path, *layers: keras.layers.Layer) -> StoredModel:
    keras.Sequential([keras.Input((8, 8, 3)), *layers]).save(folder / "model.keras")
    card = Card(name="m", version="", classes=("a",), input=SIZE, network="n", parameters=0)
    return StoredModel(card, folder)


def test_what_is_cut_away_is_dark_and_the_rest_is_scaled() -> None:
    pixels = np.full((40, 80, 3), 200, np.uint8)
    pixels[:, :40] = 100
    steps = preprocess(pixels, SIZE, (-1.0, 1.0))
    # 80×40 → the middle 40×40, and the picture is shown four times as large.
    assert steps.cropped
    row = steps.original.picture[0, ::4, 0]
    assert list(row[[0, 19, 20, 39, 40, 59, 60, 79]]) == [25, 25, 100, 100, 200, 200, 50, 50]
    np.testing.assert_array_equal(steps.original.values, pixels)
    np.testing.assert_array_equal(steps.resized.values, fit(pixels, 4, 4, 1))
    assert steps.resized.picture.shape == (320, 320, 1)
    assert steps.scaled is not None
    assert steps.scaled.values[0, 0, 0] == pytest.approx(2 * 100 / 255 - 1)
    assert steps.scaled.values[0, 3, 0] == pytest.approx(2 * 200 / 255 - 1)
    assert (steps.resized.least, steps.resized.most) == (100, 200)
    assert steps.original.mean == 150


def test_nothing_is_cut_from_the_shape_of_the_input() -> None:
    steps = preprocess(np.zeros((20, 20, 3), np.uint8), SIZE, None)
    assert not steps.cropped
    assert steps.scaled is None


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_a_network_scales_as_its_entry_says(network: Network) -> None:
    shape = (32, 32, network.channels)  # the largest would take seconds
    model = network.build(2, *shape)
    layer = next(x for x in model.layers if not isinstance(x, keras.layers.InputLayer))
    ends = np.stack([np.zeros(shape, np.float32), np.full(shape, 255, np.float32)])
    low, high = np.asarray(layer(ends)).reshape(2, -1).mean(axis=1)
    assert (low, high) == pytest.approx(network.value_range)


def test_the_scaling_is_read_from_the_models_file(tmp_path: Path) -> None:
    assert value_range(get_model("digits")) == pytest.approx((-1, 1))
    plain = stored(tmp_path, keras.layers.Rescaling(1 / 255), keras.layers.Flatten())
    assert value_range(plain) == pytest.approx((0, 1))


def test_a_scaling_that_cannot_be_told(tmp_path: Path) -> None:
    each = keras.layers.Rescaling([1.0, 2.0, 3.0])  # each channel in its own way
    assert value_range(stored(tmp_path, each)) is None
    unscaled = stored(tmp_path, keras.layers.Flatten())
    assert value_range(unscaled) is None
    unscaled.model_path.write_bytes(b"no zip")
    assert value_range(unscaled) is None
    with zipfile.ZipFile(unscaled.model_path, "w") as archive:
        archive.writestr("config.json", "[]")
    assert value_range(unscaled) is None
    unscaled.model_path.unlink()
    assert value_range(unscaled) is None
