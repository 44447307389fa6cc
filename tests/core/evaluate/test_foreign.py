from __future__ import annotations

import numpy as np
import pytest

from dashboard.core.evaluate.foreign import N_PICTURES, foreign_pictures


@pytest.mark.parametrize("shape", [(8, 8, 1), (32, 32, 3), (60, 40, 3)])
def test_foreign_pictures_have_the_size_asked_for_and_are_always_the_same(
    shape: tuple[int, int, int],
) -> None:
    found, again = foreign_pictures(*shape), foreign_pictures(*shape)
    assert set(found) == {"noise", "colour", "letters", "photos"}
    for kind, pictures in found.items():
        assert pictures.shape == (N_PICTURES, *shape)
        assert pictures.dtype == np.uint8
        np.testing.assert_array_equal(pictures, again[kind])
    assert (found["colour"].std(axis=(1, 2)) == 0).all()
    assert len({picture.tobytes() for picture in found["letters"]}) == N_PICTURES
