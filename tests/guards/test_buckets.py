"""The allowance of each client, by hand-computed figures."""

from __future__ import annotations

import tracemalloc

import pytest

from dashboard.guards.buckets import MAX_CLIENTS, Buckets


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_and_then_one_at_a_time() -> None:
    clock = Clock()
    buckets = Buckets(rate=5, burst=20, clock=clock)
    assert [buckets.take("a") for _ in range(20)] == [0] * 20
    assert buckets.take("a") == pytest.approx(0.2)  # five a second
    assert buckets.take("b") == 0  # has its own
    clock.now += 0.1
    assert buckets.take("a") == pytest.approx(0.1)  # a refused one took nothing
    clock.now += 0.1
    assert buckets.take("a") == 0
    assert buckets.take("a") == pytest.approx(0.2)
    clock.now += 1000
    assert [buckets.take("a") > 0 for _ in range(21)] == [False] * 20 + [True]


def test_in_the_long_run_it_is_the_rate() -> None:
    clock = Clock()
    buckets = Buckets(rate=5, burst=20, clock=clock)
    allowed = 0
    for _ in range(5000):  # fifty a second, for 100 s
        allowed += buckets.take("a") == 0
        clock.now += 0.02
    assert allowed == pytest.approx(20 + 5 * 100, abs=1)


def test_what_costs_more_waits_longer() -> None:
    clock = Clock()
    buckets = Buckets(rate=5, burst=20, clock=clock)
    assert buckets.take("a", 16) == 0
    assert buckets.take("a", 8) == pytest.approx((8 - 4) / 5)
    assert buckets.take("b", 1000) == 0  # more than it holds: all of it
    assert buckets.take("b") == pytest.approx((1000 - 20 + 1) / 5)


def test_a_charge_may_overdraw() -> None:
    clock = Clock()
    buckets = Buckets(rate=10, burst=100, clock=clock)
    buckets.charge("a", 100)
    assert buckets.take("a", 0) == 0
    buckets.charge("a", 50)
    assert buckets.take("a", 0) == pytest.approx(5)
    clock.now += 5
    assert buckets.take("a", 0) == 0


def test_a_hundred_thousand_addresses_fit_into_a_few_megabytes() -> None:
    buckets = Buckets(rate=5, burst=20)
    tracemalloc.start()
    for n in range(5 * MAX_CLIENTS):
        buckets.take(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
        if n == 2 * MAX_CLIENTS:
            early, _ = tracemalloc.get_traced_memory()
    late, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(buckets) == MAX_CLIENTS
    assert late < early * 1.1
    assert most < 10 * 2**20


def test_who_asks_now_is_not_forgotten_for_others() -> None:
    buckets = Buckets(rate=0.001, burst=1)
    assert buckets.take("a") == 0
    for n in range(MAX_CLIENTS - 1):
        buckets.take(str(n))
    assert buckets.take("a") > 0
