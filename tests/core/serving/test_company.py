from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.core.serving.company import Company


def test_alone() -> None:
    company = Company()
    assert company.alone
    with company.joined():
        assert company.alone
        with company.joined():
            assert not company.alone
        assert company.alone
    assert company.alone


def test_who_fails_leaves_too() -> None:
    company = Company()
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"), company.joined():
            raise ValueError("broken")
    with company.joined():
        assert company.alone


def test_many_threads() -> None:
    company = Company()

    def work(_: int) -> None:
        for _ in range(1000):
            with company.joined():
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    with company.joined():
        assert company.alone
        with company.joined():
            assert not company.alone
