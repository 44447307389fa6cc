"""What can be said of a picture without looking at what it shows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from dashboard.core.data.dataset import THUMB_SIDE, read_pixels
from dashboard.core.images import LUMINANCE, MIN_SIDE
from dashboard.core.quality.base import BATCH, SIDE, Images

if TYPE_CHECKING:
    import pandas as pd

_BORDER = 2  # width of the frame taken for the background, in pixels of 32
_PERCENTILES = (5, 99)


def properties(images: Images) -> pd.DataFrame:
    """Return one row per picture, in index order.

    Columns: `brightness`, `contrast` (mean and standard deviation of luminance), `red`, `green`,
    `blue` (means), `border_red`, `border_green`, `border_blue`, `darkest` and `brightest` (5th and
    99th percentile of luminance), all 0–255; `sharpness` (standard deviation of the Laplacian),
    `information` (bits of entropy of the grey values), `width`, `height` (pixels), `aspect`
    (width / height), `bytes` of JPEGs (0 for others: the size of a lossless file only says what the
    picture shows), `format` (ending of the source's name) and `mode` as numbers of a category.
    """
    import pandas as pd

    index = images.dataset.index
    columns = {**_colours(images), **_textures(images)}
    columns["width"], columns["height"] = index["width"].to_numpy(), index["height"].to_numpy()
    columns["aspect"] = columns["width"] / columns["height"]
    sizes = [_n_bytes(images.dataset.path / file) for file in index["file"]]
    columns["bytes"] = np.array(sizes)
    endings = [PurePosixPath(source).suffix.lower() for source in index["source"]]
    columns["format"] = pd.factorize(np.array(endings), sort=True)[0]
    columns["mode"] = pd.factorize(index["mode"], sort=True)[0]
    return pd.DataFrame(columns)


def _n_bytes(file: Path) -> int:
    return file.stat().st_size if file.suffix == ".jpg" else 0


def _colours(images: Images) -> dict[str, np.ndarray]:
    n = len(images)
    mean, border = np.empty((n, 3), np.float32), np.empty((n, 3), np.float32)
    frame = np.ones((SIDE, SIDE), bool)
    frame[_BORDER:-_BORDER, _BORDER:-_BORDER] = False
    for start in range(0, n, BATCH):
        batch = images.pixels[start : start + BATCH]
        mean[start : start + BATCH] = batch.mean((1, 2), dtype=np.float32)
        border[start : start + BATCH] = batch[:, frame].mean(1, dtype=np.float32)
    grey = images.grey.reshape(n, -1)
    names = ("red", "green", "blue")
    return {
        "brightness": mean @ LUMINANCE,
        "contrast": np.concatenate(
            [grey[start : start + BATCH].std(1) for start in range(0, n, BATCH)]
        ),
        **{name: mean[:, channel] for channel, name in enumerate(names)},
        **{f"border_{name}": border[:, channel] for channel, name in enumerate(names)},
    }


def _textures(images: Images) -> dict[str, np.ndarray]:
    """Measure what resizing would change on thumbnails, unless the pictures are tiny anyway."""
    index, n = images.dataset.index, len(images)
    if not n or max(index["width"].max(), index["height"].max()) <= SIDE:
        parts = [texture(images.grey[start : start + BATCH]) for start in range(0, n, BATCH)]
    else:
        parts = _thumb_textures(images)
    table = np.concatenate(parts)
    names = ("darkest", "brightest", "sharpness", "information")
    return {name: table[:, number] for number, name in enumerate(names)}


def _thumb_textures(images: Images) -> list[np.ndarray]:
    root, index = images.dataset.path, images.dataset.index
    longer = np.maximum(index["width"], index["height"])
    shorter = np.minimum(index["width"], index["height"])
    # Of a long strip the thumbnail is a line or two: too few to measure, so it is not taken.
    usable = (longer > THUMB_SIDE) & (shorter * THUMB_SIDE >= MIN_SIDE * longer)

    def measure(place: tuple[str, bool]) -> np.ndarray:
        file, by_thumb = place
        path = root / ("thumbs" + file.removeprefix("images") if by_thumb else file)
        grey = np.rint(read_pixels(path).astype(np.float32) @ LUMINANCE).astype(np.uint8)
        return texture(grey[None])

    parts = []
    with ThreadPoolExecutor(2) as pool:
        for done, part in enumerate(pool.map(measure, zip(index["file"], usable, strict=True)), 1):
            parts.append(part)
            if done % 500 == 0:
                images.say(done, len(images), "measuring")
    return parts


def texture(grey: np.ndarray) -> np.ndarray:
    """Measure darkness, brightness, sharpness and information.

    Args:
        grey: uint8 (n, h, w).

    Returns:
        float32 (n, 4): 5th and 99th percentile; standard deviation of the Laplacian (Pech-Pacheco
        et al. 2000, "Diatom autofocusing in brightfield microscopy"); entropy of the grey values
        in bits (Shannon 1948).
    """
    n, size = len(grey), grey.shape[1] * grey.shape[2]
    shifted = grey.reshape(n, size).astype(np.int64) + 256 * np.arange(n)[:, None]
    counts = np.bincount(shifted.ravel(), minlength=256 * n).reshape(n, 256)
    shares = counts / size
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    reached = counts.cumsum(1)
    low, high = ((reached >= size * share / 100).argmax(1) for share in _PERCENTILES)
    values = grey.astype(np.float32)
    inner = values[:, 1:-1, 1:-1]
    laplacian = values[:, :-2, 1:-1] + values[:, 2:, 1:-1] - 4 * inner
    laplacian += values[:, 1:-1, :-2] + values[:, 1:-1, 2:]
    sharpness = laplacian.reshape(n, -1).std(1)
    return np.stack([low, high, sharpness, -(shares * logs).sum(1)], 1).astype(np.float32)
