from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.core.runs import tracking


@pytest.fixture
def runs_home(home: Path) -> Iterator[Path]:
    """A home with a tracking database of its own."""
    tracking.forget()
    yield home
    tracking.forget()
