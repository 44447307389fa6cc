"""Counts for charts, by hand."""

from __future__ import annotations

import pandas as pd

from dashboard.core.data.distribution import N_BINS, histogram, sizes


def test_whole_numbers_have_a_bin_each() -> None:
    middles, counts = histogram(pd.Series([1, 1, 2, 4]))
    assert counts.tolist() == [2, 1, 0, 1]
    assert middles.tolist() == [1.375, 2.125, 2.875, 3.625]


def test_many_values_share_bins() -> None:
    middles, counts = histogram(pd.Series([*range(400)]))
    assert counts.tolist() == [10] * N_BINS
    middles, counts = histogram(pd.Series([0.0, 0.5, 10.0]))
    assert (len(middles), counts[0], counts[2], counts[-1]) == (N_BINS, 1, 1, 1)


def test_one_value_is_in_one_bin() -> None:
    middles, counts = histogram(pd.Series([7, 7, 7]))
    assert (middles.tolist(), counts.tolist()) == ([7.0], [3])
    middles, counts = histogram(pd.Series([0.25, 0.25]))
    assert counts.sum() == counts.max() == 2


def test_sizes_are_counted() -> None:
    index = pd.DataFrame({"width": [4, 4, 9], "height": [3, 3, 2]})
    assert sizes(index).to_dict("records") == [
        {"width": 4, "height": 3, "n": 2},
        {"width": 9, "height": 2, "n": 1},
    ]
