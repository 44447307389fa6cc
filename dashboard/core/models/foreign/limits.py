"""What a foreign model may cost."""

from __future__ import annotations

MAX_BYTES = 200 * 10**6
"""Largest file, and largest part of it once unpacked."""

MAX_RATIO = 100
"""Largest expansion of a part above a megabyte: weights have 1 to 4, and few repeat themselves."""

MAX_PARAMETERS = 100_000_000
"""Of the whole network: 400 MB in single precision, and several times that while it is exported."""

MAX_CONFIG_BYTES = 20 * 10**6
MAX_DEPTH = 100
"""Of brackets in the description, about 20 models inside each other; below Python's own limit."""

MAX_OBJECTS = 100_000
"""Groups and arrays in an HDF5 file."""

MEMORY_BYTES = 8 * 2**30
"""Address space of the process that loads: TensorFlow takes 1.8 GiB, ResNet101 (180 MB) 5.1."""

WRITTEN_BYTES = 2**30
"""Largest file it may write."""

OPEN_FILES = 256
CPU_S = 600
"""Processor time; NASNet, the slowest to be exported, takes 100 s."""

WALL_S = 900
"""Time until the parent ends it: where it waits instead of computing."""
