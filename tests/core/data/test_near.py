from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.measure import measure, shrink
from dashboard.core.data.near import near_groups, near_pairs
from tests import archives, corpus


def scene(seed: int, side: int = 64) -> np.ndarray:
    """Noise in octaves of equal contrast, as photos have: uint8 (side, side, 3)."""
    octaves = [
        Image.fromarray(corpus.noise(n, n, seed=100 * seed + n)).resize(
            (side, side), Image.Resampling.BICUBIC
        )
        for n in (2, 4, 8, 16, 32)
    ]
    return np.mean(octaves, axis=0).astype(np.uint8)


def compressed(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(corpus.saved(pixels, "JPEG", quality=70))))


def lighter(pixels: np.ndarray) -> np.ndarray:
    return np.clip(pixels * 1.1 + 5, 0, 255).astype(np.uint8)


def smaller(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).resize((40, 40), Image.Resampling.BILINEAR))


def distance(first: np.ndarray, second: np.ndarray) -> int:
    return (measure([shrink(first)])[0].phash ^ measure([shrink(second)])[0].phash).bit_count()


@pytest.mark.parametrize("change", [compressed, lighter, smaller])
def test_the_hash_survives_what_people_do_to_pictures(change):
    assert max(distance(scene(seed), change(scene(seed))) for seed in range(20)) <= 6
    assert min(distance(scene(seed), change(scene(seed + 50))) for seed in range(20)) > 10


def test_figures_of_known_pictures():
    [plain] = measure([np.full((20, 30, 3), 100, np.uint8)])
    assert (plain.brightness, plain.contrast, plain.sharpness) == (100, 0, 0)
    halves = np.zeros((8, 8, 3), np.uint8)
    halves[:, 4:] = 200
    [found] = measure([halves])  # inner Laplacian: 0, 0, 200, -200, 0, 0 in each of 6 rows
    assert (found.brightness, found.contrast) == (100, 100)
    assert found.sharpness == pytest.approx(2 * 200**2 / 6)


def test_large_and_extreme_pictures_are_measured():
    assert measure([shrink(np.full((3000, 900, 3), 7, np.uint8))])[0].brightness == 7
    assert measure([shrink(np.full((8, 16384, 3), 7, np.uint8))])[0].sharpness == 0


@pytest.mark.parametrize("max_bits", [0, 2, 6, 8])
def test_pairs_are_those_of_a_plain_search(max_bits):
    random = np.random.default_rng(0)
    hashes = random.integers(0, 2**63, 60, np.uint64)
    near = [h ^ np.uint64(1 << int(b)) for h in hashes for b in random.integers(0, 64, 3)]
    hashes = np.unique(np.concatenate([hashes, np.array(near, np.uint64)]))
    bits = np.bitwise_count(hashes[:, None] ^ hashes)
    expected = np.argwhere(np.triu(bits <= max_bits, 1)).tolist()
    assert near_pairs(hashes, max_bits).T.tolist() == expected


def test_groups_join_equal_and_near_pictures():
    groups = near_groups(["a", "b", "a", "c"], [0, 7, 2**40 - 1, 0xFFFFF << 40], [64] * 4)
    assert groups[0] == groups[1] == groups[2] != groups[3]
    small = near_groups(["a", "b", "a", "c"], [0, 7, 2**40 - 1, 0], [8] * 4)
    assert small[0] == small[2] != small[1]


def test_a_chain_of_look_alikes_is_not_one_group():
    hashes = [(1 << n) - 1 for n in range(64)]  # each one bit from the next
    groups = near_groups([str(n) for n in range(64)], hashes, [64] * 64)
    assert len(set(groups.tolist())) == 64


def test_frames_of_one_film_stay_together():
    random = np.random.default_rng(0)
    still = random.integers(0, 2**63, dtype=np.uint64)
    moves = random.integers(0, 64, (1_000, 2), np.uint64)
    frames = still ^ (np.uint64(1) << moves[:, 0]) ^ (np.uint64(1) << moves[:, 1])
    others = random.integers(0, 2**63, 12_000, np.uint64)
    hashes = np.concatenate([frames, others])
    groups = near_groups([str(n) for n in range(len(hashes))], hashes.tolist(), [64] * len(hashes))
    assert len(set(groups[:1_000].tolist())) == 1


def test_near_identical_pictures_stay_on_one_side(home, tmp_path):
    files = []
    for seed in range(60):
        label, pixels = ("cat", "dog")[seed % 2], scene(seed)
        files.append((f"{label}/{seed}.png", corpus.saved(pixels)))
        files.append((f"{label}/{seed}-small.png", corpus.saved(smaller(pixels))))
        files.append((f"{label}/{seed}.jpg", corpus.saved(pixels, "JPEG", quality=80)))
    path = tmp_path / "x.zip"
    path.write_bytes(archives.packed(files))
    dataset = import_dataset(path)
    seeds = dataset.index["source"].str.extract(r"/(\d+)")[0]
    assert (dataset.index.groupby(seeds)["split"].nunique() == 1).all()
    assert set(dataset.index["split"]) == {"train", "val", "test"}
    assert dataset.report.near_leaks == 0


def test_near_leaks_of_given_splits_are_counted(home, tmp_path):
    given = [("train", 0), ("train", 1), ("test", 2), ("test", 3)]
    files = [(f"{split}/{'ab'[n % 2]}/{n}.png", corpus.saved(scene(n))) for split, n in given]
    files.append(("test/a/again.png", corpus.saved(scene(0))))
    files.append(("test/a/small.png", corpus.saved(smaller(scene(0)))))
    path = tmp_path / "x.zip"
    path.write_bytes(archives.packed(files))
    report = import_dataset(path).report
    assert (report.leaks, report.near_leaks) == (1, 1)


def test_the_index_has_the_figures(home, tmp_path):
    path = tmp_path / "x.zip"
    photo = corpus.saved(scene(5), "JPEG")
    path.write_bytes(archives.packed([*archives.pets(), ("cat/photo", photo)]))
    index = import_dataset(path).index
    row = index[index["source"] == "cat/photo"].iloc[0]
    assert (row["format"], row["bytes"]) == ("JPEG", len(photo))
    [expected] = measure([shrink(np.asarray(Image.open(io.BytesIO(photo))))])
    assert int(row["phash"]) == expected.phash
    assert row["brightness"] == pytest.approx(expected.brightness)
    assert index["phash"].dtype == np.uint64
