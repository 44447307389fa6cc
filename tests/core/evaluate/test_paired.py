"""The paired test by hand, against SciPy, and whichever run comes first."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dashboard.core.evaluate.compare import paired_test
from dashboard.core.evaluate.comparison import Pair
from dashboard.core.evaluate.paired import (
    ALPHA,
    FEWEST,
    Agreement,
    difference_interval,
    holm,
    mcnemar,
    share_interval,
)

COUNTS = st.builds(Agreement, *[st.integers(0, 300)] * 4).filter(lambda found: found.n > 0)


def right(found: Agreement) -> tuple[np.ndarray, np.ndarray]:
    """Images with this agreement: which each of the two had right."""
    sizes = (found.both, found.only_first, found.only_second, found.neither)
    return np.repeat([1, 1, 0, 0], sizes), np.repeat([1, 0, 1, 0], sizes)


def test_the_four_cells_are_counted() -> None:
    first = np.array([True, True, True, False, False, True])
    second = np.array([True, False, False, True, False, True])
    found = Agreement.of(first, second)
    assert found == Agreement(both=2, only_first=2, only_second=1, neither=1)
    assert (found.n, found.differing) == (6, 3)
    assert found.difference == pytest.approx(4 / 6 - 3 / 6)


def test_mcnemar_by_hand() -> None:
    # 3 of 8 or fewer: (1 + 8 + 28 + 56) / 256, twice
    assert mcnemar(Agreement(100, 3, 5, 72)) == pytest.approx(2 * 93 / 256)
    assert mcnemar(Agreement(0, 0, 6, 0)) == pytest.approx(2 / 64)
    assert mcnemar(Agreement(9, 4, 4, 9)) == 1  # the halves overlap
    assert mcnemar(Agreement(9, 0, 0, 1)) == 1


def test_fewer_images_than_the_fewest_never_decide() -> None:
    assert mcnemar(Agreement(0, FEWEST, 0, 9)) < ALPHA
    assert mcnemar(Agreement(0, FEWEST - 1, 0, 9)) > ALPHA


@given(COUNTS)
def test_mcnemar_is_the_exact_binomial_test(found: Agreement) -> None:
    expected = 1.0
    if found.differing:
        expected = stats.binomtest(found.only_first, found.differing, 0.5).pvalue
    assert mcnemar(found) == pytest.approx(expected, rel=1e-8)


def test_mcnemar_of_many_images() -> None:
    for first, second in ((4900, 5100), (4000, 6000), (100, 9000)):
        expected = min(1, 2 * stats.binom.cdf(min(first, second), first + second, 0.5))
        found = mcnemar(Agreement(0, first, second, 0))
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize(
        "found",
    [Agreement(150, 12, 5, 13), Agreement(90, 30, 41, 19), Agreement(700, 40, 90, 170),
     Agreement(100, 25, 25, 30)],
)  # fmt: skip
def test_the_interval_is_that_of_scipys_paired_bootstrap(found: Agreement) -> None:
    first, second = right(found)
    expected = stats.bootstrap(
        (first, second),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        paired=True, vectorized=True, method="percentile", n_resamples=10_000, rng=1,
    ).confidence_interval  # fmt: skip
    assert difference_interval(found) == pytest.approx(expected, abs=1.5 / found.n)


def test_the_interval_of_a_share() -> None:
    low, high = share_interval(171, 180)
    expected = stats.bootstrap(
        (np.repeat([1, 0], (171, 9)),), np.mean, method="percentile", n_resamples=10_000, rng=1
    ).confidence_interval
    assert (low, high) == pytest.approx(expected, abs=1 / 180)


@pytest.mark.parametrize(("hits", "n"), [(20, 20), (0, 20), (1, 1)])
def test_all_or_nothing_leaves_doubt_all_the_same(hits: int, n: int) -> None:
    expected = stats.binomtest(hits, n).proportion_ci(0.95, method="exact")
    assert share_interval(hits, n) == pytest.approx((expected.low, expected.high))


@settings(deadline=None, max_examples=40)
@given(COUNTS)
def test_from_the_other_run_everything_is_mirrored(found: Agreement) -> None:
    swapped = Agreement(found.both, found.only_second, found.only_first, found.neither)
    one, other = paired_test(found), paired_test(swapped)
    assert other.p == one.p
    assert other.difference == -one.difference
    assert (other.low, other.high) == (-one.high, -one.low)
    assert {one.verdict, other.verdict} in ({"noise"}, {"first", "second"})
    pair = Pair(first="a", second="b", obstacle="", relabelled=0, parameters=(), test=one)
    assert pair.mirrored().test == other
    assert pair.mirrored().mirrored() == pair


def test_holm_by_hand() -> None:
    # In order 0.005 · 4, 0.01 · 3, 0.03 · 2, and 0.04 no less than the one before it
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.6]) == [1, 1]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


def test_the_luckiest_of_six_equals_is_seldom_called_better() -> None:
    """Those with the best one are corrected for all pairs: for its own five alone it is not so."""
    generator = np.random.default_rng(0)
    trials, found_all, found_own = 400, 0, 0
    for _ in range(trials):
        answers = generator.random((6, 1000)) < 0.7
        best = int(answers.sum(axis=1).argmax())
        pairs = list(combinations(range(6), 2))
        p = [mcnemar(Agreement.of(answers[a], answers[b])) for a, b in pairs]
        own = [place for place, pair in enumerate(pairs) if best in pair]
        raised = holm(p)
        found_all += min(raised[place] for place in own) < ALPHA
        found_own += min(holm([p[place] for place in own])) < ALPHA
    assert found_all / trials < ALPHA < found_own / trials
