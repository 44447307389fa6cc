"""Pictures that are asked two questions: how bright is the ground, on which side is the lamp?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from dashboard.core.tasks import Task

TASKS = (Task("Ground", ("dark", "light")), Task("Side", ("left", "right")))


def lit(side: str, ground: str, generator: np.random.Generator) -> np.ndarray:
    """A noisy picture, uint8 (16, 16, 3)."""
    pixels = generator.integers(0, 60, (16, 16, 3), np.uint8)
    pixels += np.uint8(110 * (ground == "light"))
    columns = slice(2, 6) if side == "left" else slice(10, 14)
    pixels[4:12, columns] += np.uint8(85)
    return pixels


def lit_table(folder: Path, n: int = 120) -> Path:
    """`n` pictures in a folder with the table `filename,Ground,Side`."""
    generator = np.random.default_rng(0)
    lines = ["filename,Ground,Side"]
    folder.mkdir(parents=True)
    for number in range(n):
        side, ground = ("left", "right")[number % 2], ("dark", "light")[number // 2 % 2]
        Image.fromarray(lit(side, ground, generator)).save(folder / f"{number}.png")
        lines.append(f"{number}.png,{ground},{side}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder
