"""Comparing runs that were really trained, and what keeps runs from being compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.versions import exclude, relabel
from dashboard.core.errors import InvalidInput, NotFound
from dashboard.core.evaluate.compare import compare_runs
from dashboard.core.evaluate.comparison import Comparison, PairedTest
from dashboard.core.evaluate.paired import Agreement
from dashboard.core.evaluate.wording import about_pair, about_run
from dashboard.core.runs import control, tracking
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe, parse_toml, recipe_text
from tests.finished_runs import finished_run
from tests.lit import lit_table


@pytest.fixture(scope="module")
def digits(module_home: Path) -> Dataset:
    return import_dataset("digits")


@pytest.fixture(scope="module")
def trained(digits: Dataset) -> Iterator[dict[str, str]]:
    """Two runs that chance alone tells apart, an unlucky third one, and one that learned little."""
    start = parse_toml(recipe_text("doc-001")).model_dump(exclude_none=True)
    changes = {
        # Two epochs are few: of the 28 pairs of the first eight seeds 13 differ beyond noise.
        "one seed": {"epochs": 2, "seed": 4},
        "another seed": {"epochs": 2, "seed": 7},
        "unlucky seed": {"epochs": 2, "seed": 5},
        "hardly trained": {"epochs": 1, "seed": 4, "learning_rate": 1e-5},
    }
    found = {}
    for name, change in changes.items():
        found[name] = submit(parse_recipe({**start, **change}), status="RUNNING")
        execute(found[name])
    yield found
    for run_id in found.values():
        tracking.delete_run(run_id)


def said(found: Comparison, first: str, second: str) -> str:
    """What is said of two runs, A and B."""
    pair = next(pair for pair in found.against(first) if pair.second == second)
    notes = about_pair(pair, {first: "A", second: "B"})
    return " ".join(note.template.format(**note.values) for note in notes)


def the_test(found: Comparison) -> PairedTest:
    (pair,) = found.pairs
    assert pair.test
    return pair.test


def test_two_seeds_are_within_noise(trained: dict[str, str]) -> None:
    ids = trained["one seed"], trained["another seed"]
    found = compare_runs(ids)
    assert found.parameters == {"seed": ("4", "7")}
    test = the_test(found)
    assert (test.verdict, test.agreement.n) == ("noise", 180)
    assert test.low <= test.difference <= test.high
    first, second = found.runs
    assert test.difference == pytest.approx(first.accuracy - second.accuracy)
    assert "Of 180 shared test images, " in said(found, *ids)
    assert said(found, *ids).endswith("is within noise.")
    for run in found.runs:
        assert [metric.name for metric in run.metrics] == ["accuracy", "macro_f1"]
        for metric in run.metrics:
            assert metric.low < metric.value < metric.high
            assert metric.n == 180


def test_a_run_that_learned_little_is_worse(trained: dict[str, str]) -> None:
    ids = trained["hardly trained"], trained["another seed"]
    found = compare_runs(ids)
    test = the_test(found)
    assert (test.verdict, found.best) == ("second", ids[1])
    assert test.high < -0.3
    assert set(found.parameters) == {"epochs", "seed", "learning_rate"}
    assert "B is better than A by " in said(found, *ids)  # whichever is asked for first
    assert said(found, *ids) == said(found, *ids[::-1]).translate(str.maketrans("AB", "BA"))


def test_a_difference_of_seeds_is_called_the_luck_of_training(trained: dict[str, str]) -> None:
    ids = trained["another seed"], trained["unlucky seed"]
    found = compare_runs(ids)
    assert the_test(found).verdict == "first"
    assert said(found, *ids).endswith("so this difference is the luck of training.")


def test_several_runs_are_corrected_for_all_their_pairs(trained: dict[str, str]) -> None:
    found = compare_runs(list(trained.values()))
    assert len(found.pairs) == 6
    assert found.best == max(found.runs, key=lambda run: run.accuracy).id
    for pair in found.pairs:
        assert pair.test
        alone = the_test(compare_runs([pair.first, pair.second]))
        assert pair.test.p == alone.p == alone.p_corrected
        assert alone.p <= pair.test.p_corrected <= min(1, 6 * alone.p)
    smallest = min(found.pairs, key=lambda pair: pair.test.p).test
    assert smallest.p_corrected == pytest.approx(6 * smallest.p)
    against = found.against(trained["unlucky seed"])
    assert {pair.first for pair in against} == {trained["unlucky seed"]}
    assert {pair.second for pair in against} == set(trained.values()) - {trained["unlucky seed"]}


def test_given_answers_are_counted_by_hand(digits: Dataset) -> None:
    ids = finished_run(digits, [0, 1, 2, 3]), finished_run(digits, [3, 4])
    found = compare_runs(ids)
    test = the_test(found)
    assert test.agreement == Agreement(both=175, only_first=1, only_second=3, neither=1)
    assert test.p == pytest.approx(10 / 16)  # (1 + 4) / 16, twice
    assert (test.low, test.high) == pytest.approx((-6 / 180, 2 / 180))
    assert said(found, *ids) == (
        "Of 180 shared test images, 3 only B and 1 only A got right; p = 0.62. The difference of "
        "1.1 points (−1.1 to 3.3) is within noise. Where fewer than 6 images tell two runs apart, "
        "no test can decide. More test images could."
    )


def test_equal_answers_leave_nothing_to_test(digits: Dataset) -> None:
    ids = finished_run(digits, [0, 9]), finished_run(digits, [0, 9])
    found = compare_runs(ids)
    assert found.parameters == {}
    assert (the_test(found).p, the_test(found).low, the_test(found).high) == (1, 0, 0)
    assert "A and B got the same 178 of 180 shared test images right" in said(found, *ids)


def test_versions_of_a_data_set_are_compared_on_the_images_they_share(module_home: Path) -> None:
    digits = import_dataset("digits", "versioned")
    first = finished_run(digits, [0, 1, 2])
    ids = digits.rows("test")["id"].tolist()
    thinned = exclude(digits, ids[:10], "a test")
    changed = relabel(
        thinned, {ids[20]: digits.classes[(digits.row(ids[20])["labels"][0] + 1) % 10]}, "a test"
    )
    found = compare_runs([first, finished_run(changed, [])])
    test = the_test(found)
    assert (test.agreement.n, test.agreement.both) == (169, 169)  # the wrong ones are out
    assert found.pairs[0].relabelled == 1
    assert list(found.parameters) == ["dataset_version"]
    assert "changed between the two runs: 1." in said(found, *[run.id for run in found.runs])


def test_other_data_cannot_be_compared(digits: Dataset, module_home: Path) -> None:
    lit = import_dataset(lit_table(module_home / "lit"))
    one, two, other = finished_run(digits, [0]), finished_run(digits, [0, 1]), finished_run(lit)
    found = compare_runs([other, two, one])
    # The other run had everything right, but tells nothing about most.
    assert found.best == one
    assert [pair.obstacle for pair in found.against(other)] == ["other_classes"] * 2
    assert said(found, one, other).startswith("A and B cannot be compared")
    lit_metrics = [metric.label for metric in found.runs[0].metrics]
    assert lit_metrics[:2] == ["accuracy", "accuracy · Ground"]


def test_no_shared_image_cannot_be_compared(digits: Dataset, module_home: Path) -> None:
    first = finished_run(digits, [])
    test_ids = digits.rows("test")["id"].tolist()
    without = exclude(import_dataset("digits", "halves"), test_ids[:90], "a test")
    half = exclude(import_dataset("digits", "other-half"), test_ids[90:], "a test")
    found = compare_runs([finished_run(without), finished_run(half), first])
    assert [pair.obstacle for pair in found.pairs] == ["other_images", "", ""]
    assert found.best == first
    a, b = (run.id for run in found.runs[:2])
    assert said(found, a, b).endswith("they share no test image.")


def test_runs_that_were_not_tested_say_why(digits: Dataset) -> None:
    done, waiting, gone = finished_run(digits), submit(parse_recipe({})), submit(parse_recipe({}))
    control.stop(gone)
    found = compare_runs([done, waiting, gone])
    assert [run.untested for run in found.runs] == ["", "unfinished", "ended"]
    assert [run.metrics for run in found.runs[1:]] == [(), ()]
    assert (found.pairs, found.best) == ((), done)
    notes = [about_run(run, "C") for run in found.runs]
    assert [note and note.code for note in notes] == [None, "unfinished", "ended"]
    control.stop(waiting)


@pytest.mark.parametrize("n", [0, 1, 7])
def test_two_to_six_runs_are_compared(digits: Dataset, n: int) -> None:
    with pytest.raises(InvalidInput, match=f"Two to 6 runs can be compared; received {n}"):
        compare_runs([f"run{place}" for place in range(n)])
    with pytest.raises(InvalidInput, match="received 1"):
        compare_runs(["same", "same"])
    with pytest.raises(NotFound):
        compare_runs(["0" * 32, "1" * 32])
