"""Which models answer beside each other."""

from __future__ import annotations

import pytest

from dashboard.widget.model_choice import others_choice, side_by_side, wanted_models

NAMES = ["digits", "a", "b", "c"]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([], ["digits"]),
        (["b"], ["b"]),
        (["b", "a"], ["b", "a"]),
        (["b,a"], ["b", "a"]),
        (["b,a,b", "c", "digits"], ["b", "a", "c"]),
        (["gone", ""], ["digits"]),
        (["gone,c"], ["c"]),
        (["../x,<script>"], ["digits"]),
    ],
)
def test_the_address_names_models(values: list[str], wanted: list[str]) -> None:
    assert wanted_models(values, NAMES) == wanted
    assert wanted_models(values, []) == []


def test_a_model_answers_once_and_at_most_three_do() -> None:
    assert side_by_side("a", []) == ("a",)
    assert side_by_side("a", ["b", "a", "b"]) == ("a", "b")
    assert side_by_side("a", ["b", "c", "digits"]) == ("a", "b", "c")
    assert side_by_side(None, ["b"]) == (None, "b")


@pytest.mark.parametrize(
    ("payload", "names"),
    [(None, []), ("a", []), ({"a": 1}, []), (["a", 5], ["a", "5"]), (["a", "b", "c"], ["a", "b"])],
)
def test_whatever_a_client_sends_is_a_short_list_of_names(
    payload: object, names: list[str]
) -> None:
    assert others_choice(NAMES).preprocess(payload) == names  # type: ignore[arg-type]
    assert others_choice(NAMES).preprocess(["x" * 100_000]) == ["x" * 200]
