"""Counts for charts, by hand."""

from __future__ import annotations

import pandas as pd

from dashboard.core.data.distribution import N_BINS, histogram, sizes


def test_a_histogram_counts_every_value_once() -> None:
    middles, counts = histogram(pd.Series([1.0, 1.0, 2.0, 5.0]))
    assert middles.tolist() == [1 + 4 / 6, 3, 5 - 4 / 6]
    assert counts.tolist() == [3, 0, 1]
    assert len(histogram(pd.Series(range(1000)))[0]) == N_BINS


def test_one_value_is_one_bin() -> None:
    middles, counts = histogram(pd.Series([7, 7, 7]))
    assert (middles.tolist(), counts.tolist()) == ([7.0], [3])


def test_sizes_are_counted() -> None:
    index = pd.DataFrame({"width": [4, 4, 9], "height": [3, 3, 2]})
    assert sizes(index).to_dict("records") == [
        {"width": 4, "height": 3, "n": 2},
        {"width": 9, "height": 2, "n": 1},
    ]
