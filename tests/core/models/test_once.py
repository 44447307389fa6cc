import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.core.models.once import OnceCache


def test_many_threads_make_one_value() -> None:
    cache: OnceCache[object] = OnceCache(2)
    barrier, made = threading.Barrier(8), []

    def make() -> object:
        made.append(1)
        return object()

    def ask(_: int) -> object:
        barrier.wait()
        return cache.get("key", make)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert len(made) == 1


def test_the_entry_used_longest_ago_goes_first() -> None:
    cache: OnceCache[int] = OnceCache(2)
    for key in (1, 2, 1, 3):
        cache.get(key, lambda key=key: key)  # type: ignore[misc]
    assert [key in cache for key in (1, 2, 3)] == [True, False, True]


def test_after_a_failure_the_next_one_tries_again() -> None:
    cache: OnceCache[int] = OnceCache(2)
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 // 0)
    assert "key" not in cache
    assert cache.get("key", lambda: 7) == 7
