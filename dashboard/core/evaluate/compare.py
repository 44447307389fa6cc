"""Several runs side by side: what differs, how good each is, and whether that is more than luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from dashboard.core.errors import InvalidInput
from dashboard.core.evaluate.answers import is_tested, load_answers, shared
from dashboard.core.evaluate.comparison import (
    ComparedRun,
    Comparison,
    Obstacle,
    Pair,
    PairedTest,
    Untested,
    Verdict,
)
from dashboard.core.evaluate.paired import (
    ALPHA,
    Agreement,
    difference_interval,
    holm,
    mcnemar,
    share_interval,
)
from dashboard.core.models.card import Card, Metric, load_card
from dashboard.core.runs import control, tracking
from dashboard.core.runs.parameters import differing
from dashboard.core.runs.tracking import Run

MAX_RUNS = 6


def compare_runs(run_ids: Sequence[str]) -> Comparison:
    """Compare the runs of these ids.

    Raises:
        NotFound: One of them does not exist.
        InvalidInput: They are fewer than two or more than `MAX_RUNS`.
    """
    ids = list(dict.fromkeys(run_ids))
    if not 2 <= len(ids) <= MAX_RUNS:
        raise InvalidInput(
            "Two to {limit} runs can be compared; received {n}.",
            code="number_of_runs",
            limit=MAX_RUNS,
            n=len(ids),
        )
    return compare([tracking.get_run(run_id) for run_id in ids])


def compare(runs: Sequence[Run]) -> Comparison:
    """Compare runs, which may still be active; a pair takes 10 ms for 10,000 test images."""
    cards = {run.id: load_card(tracking.artifacts(run.id)) for run in runs if is_tested(run)}
    done = [run for run in runs if run.id in cards]
    answers = {run.id: load_answers(run) for run in done}
    pairs = [_pair(first, second, cards, answers) for first, second in combinations(done, 2)]
    compared = tuple(_figures(run, cards.get(run.id)) for run in runs)
    return Comparison(
        runs=compared,
        parameters=differing(runs),
        pairs=_corrected(pairs),
        best=_best(compared, pairs),
    )


def shared_answers(first: Run, second: Run) -> pd.DataFrame:
    """Return what two tested runs with the same classes answered to the same images: `shared`."""
    return shared(load_answers(first), load_answers(second))[0]


def _figures(run: Run, card: Card | None) -> ComparedRun:
    metrics = tuple(map(_resampled, card.metrics)) if card else ()
    untested: Untested = ""
    if not card:
        untested = "unfinished" if run.active or control.resumable(run) else "ended"
    return ComparedRun(
        id=run.id, name=run.name, status=run.status, untested=untested, metrics=metrics
    )


def _resampled(metric: Metric) -> Metric:
    """Return an accuracy with its bootstrap interval; F1 has one already."""
    if metric.name != "accuracy":
        return metric
    low, high = share_interval(round(metric.value * metric.n), metric.n)
    return metric.model_copy(update={"low": low, "high": high})


def _pair(
    first: Run, second: Run, cards: Mapping[str, Card], answers: Mapping[str, pd.DataFrame]
) -> Pair:
    obstacle: Obstacle = ""
    relabelled, test = 0, None
    if cards[first.id].tasks != cards[second.id].tasks:
        obstacle = "other_classes"
    else:
        found, relabelled = shared(answers[first.id], answers[second.id])
        if len(found):
            right = found["right_first"].to_numpy(), found["right_second"].to_numpy()
            test = paired_test(Agreement.of(*right))
        else:
            obstacle = "relabelled" if relabelled else "other_images"
    return Pair(
        first=first.id, second=second.id, obstacle=obstacle, relabelled=relabelled,
        parameters=tuple(differing([first, second])), test=test,
    )  # fmt: skip


def paired_test(found: Agreement) -> PairedTest:
    """Return the test of one pair alone."""
    low, high = difference_interval(found)
    p = mcnemar(found)
    return PairedTest(
        agreement=found, difference=found.difference, low=low, high=high,
        p=p, p_corrected=p, verdict=_verdict(found, p),
    )  # fmt: skip


def _verdict(found: Agreement, p: float) -> Verdict:
    if p >= ALPHA:
        return "noise"
    return "first" if found.difference > 0 else "second"


def _corrected(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    raised = iter(holm([pair.test.p for pair in pairs if pair.test]))
    result = []
    for pair in pairs:
        if pair.test:
            p = next(raised)
            change = {"p_corrected": p, "verdict": _verdict(pair.test.agreement, p)}
            pair = pair.model_copy(update={"test": pair.test.model_copy(update=change)})
        result.append(pair)
    return tuple(result)


def _best(runs: Sequence[ComparedRun], pairs: Sequence[Pair]) -> str | None:
    comparable = [run_id for pair in pairs if pair.test for run_id in (pair.first, pair.second)]
    found = [run for run in runs if not run.untested]
    best = max(found, key=lambda run: (comparable.count(run.id), run.accuracy), default=None)
    return best.id if best else None
