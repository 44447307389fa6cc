import numpy as np

from dashboard.core.models.probe import probe_images


def test_a_ramp_and_noise_by_formula() -> None:
    ramp, noise = probe_images(1, 4, 1).reshape(2, 4)
    assert ramp.tolist() == [0, 85, 170, 255]
    # 2654435761 = 0x9E3779B1: the second lowest pair of bytes of its multiples.
    assert noise.tolist() == [0x00, 0x37, 0x6E, 0xA6]


def test_it_covers_all_values() -> None:
    images = probe_images(64, 64, 3)
    assert images.shape == (2, 64, 64, 3)
    assert images.dtype == np.uint8
    assert all(len(np.unique(image)) == 256 for image in images)
