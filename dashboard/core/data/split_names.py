"""What people call training, validation and test, as a folder or in a table."""

from __future__ import annotations

import re

_NAMES = {
    "train": "train",
    "training": "train",
    "训练": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "验证": "val",
    "test": "test",
    "testing": "test",
    "测试": "test",
}
_SPLIT = re.compile(f"({'|'.join(_NAMES)})(?:[ _-]?(?:set|data|images)|集)?(?:[ _-]?[0-9]{{4}})?")


def split_of(name: str) -> str | None:
    """Return the split that `name` stands for, or None.

    Such as `Train`, `training_set`, `test-data`, `val2017` or `训练集`.
    """
    found = _SPLIT.fullmatch(name.casefold())
    return _NAMES[found[1]] if found else None
