"""What Optuna decides: what is tried next, which runs are stopped early, which fields matter.

Nothing is kept between two questions: the runs are what is known, and Optuna is told of them anew
(0.1 s for 100 runs of 30 epochs). So there is no second record that could disagree with them.
Optuna takes 0.2 s to import and 15 MB, and brings in no library that web must not have.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dashboard.core.sweeps.combinations import grid
from dashboard.core.sweeps.search import Choices, Range, Search, Value
from dashboard.core.sweeps.sweep import Sweep
from dashboard.core.sweeps.trials import Trial

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study

RELIABLE_FROM = 10
"""Finished runs from which on the importances are more than a hint.

With four fields, one of which decides, it came first in 70 % of sweeps of 8 runs, 78 % of 10, 95 %
of 15 and all of 20 (60 simulated sweeps each); fANOVA, Optuna's other measure: 50, 50, 90, 100 %.
"""

_RANDOM_AT_FIRST = 5  # trials of TPE; Optuna's 10 would be most of a short sweep


def next_values(sweep: Sweep, number: int, trials: Sequence[Trial]) -> dict[str, Value]:
    """Return what trial `number` is to try.

    The same answer to the same question, so that a driver that dies meanwhile does no harm.

    Args:
        sweep: What is to be tried.
        number: From 1.
        trials: Those so far; only TPE learns from them.
    """
    if sweep.method == "grid":
        return grid(sweep.search)[number - 1]
    from optuna.samplers import RandomSampler, TPESampler

    seed = (sweep.seed + number) % 2**32
    if sweep.method == "tpe":
        study = _study(TPESampler(seed=seed, n_startup_trials=_RANDOM_AT_FIRST))
        _tell(study, sweep.search, trials)
    else:
        study = _study(RandomSampler(seed=seed))
    drawn = study.ask(_distributions(sweep.search)).params
    return {name: _rounded(entry, drawn[name]) for name, entry in sweep.search.items()}


def is_behind(
    sweep: Sweep, number: int, curves: Mapping[int, Sequence[float]], since: int = 0
) -> bool:
    """Whether the trial `number` should be stopped now, by successive halving.

    Args:
        sweep: What is tried.
        number: Of the trial.
        curves: Number of every trial → its validation accuracy after each epoch so far.
        since: Epochs of the trial that were judged before, when less was known of others.
    """
    from optuna.pruners import SuccessiveHalvingPruner

    pruner = SuccessiveHalvingPruner(sweep.min_epochs, sweep.reduction)
    study = _study(pruner=pruner)
    order = [*(other for other in sorted(curves) if other != number), number]
    answers: list[bool] = []
    for asked in order:
        trial = study.ask()
        answers = []
        for epoch, accuracy in enumerate(curves[asked], 1):
            trial.report(accuracy, epoch)
            answers.append(trial.should_prune())  # which notes what others are compared with
    return any(answers[since:])


def importances(search: Search, trials: Sequence[Trial]) -> dict[str, float]:
    """Return how much each field decides whether a run is among the best, as shares of 1.

    PED-ANOVA (Watanabe et al. 2023, arXiv 2304.10255) on the finished trials, comparing the best
    five, or the best tenth where that is more, with all. Empty where nothing can be told: from
    fewer than four of them or where all are equally good.
    """
    finished = [t for t in trials if t.state == "finished" and t.accuracy is not None]
    if len(finished) < 4 or len({trial.accuracy for trial in finished}) < 2:
        return {}
    with _without_sklearn():
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    share = max(0.1, min(0.5, 5 / len(finished)))
    study = _study()
    _tell(study, search, finished)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few trials: the page says so itself
        found = get_param_importances(
            study, evaluator=PedAnovaImportanceEvaluator(target_quantile=share)
        )
    return {name: float(found[name]) for name in sorted(found, key=found.__getitem__, reverse=True)}


@contextmanager
def _without_sklearn() -> Iterator[None]:
    """Let what is imported meanwhile believe that there is no scikit-learn.

    Optuna's importances import it for methods that are not used here, if it is there: seconds, and
    100 MB that the web process does without.
    """
    hidden = "sklearn" not in sys.modules
    if hidden:
        sys.modules["sklearn"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules["sklearn"]


def _study(sampler: Any = None, pruner: Any = None) -> Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)


def _tell(study: Study, search: Search, trials: Sequence[Trial]) -> None:
    from optuna.trial import TrialState

    distributions = _distributions(search)
    for trial in trials:
        if trial.accuracy is None:
            continue
        study.enqueue_trial(trial.values)
        asked = study.ask(distributions)
        if trial.state == "finished":
            study.tell(asked, trial.accuracy)
        else:
            asked.report(trial.accuracy, max(int(trial.run.metrics.get("epoch", 1)), 1))
            study.tell(asked, state=TrialState.PRUNED)


def _distributions(search: Search) -> dict[str, BaseDistribution]:
    return {name: _distribution(entry) for name, entry in search.items()}


def _distribution(entry: Choices | Range) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(entry, Choices):
        return CategoricalDistribution(entry.values)
    if entry.whole:
        step = int(entry.step or 1)
        return IntDistribution(int(entry.low), int(entry.high), log=entry.log, step=step)
    return FloatDistribution(entry.low, entry.high, log=entry.log, step=entry.step)


def _rounded(entry: Choices | Range, value: Any) -> Any:
    """Three digits are enough for a person to read, and for the run to be the same."""
    if isinstance(entry, Choices) or entry.whole or entry.step:
        return value
    return min(max(float(f"{value:.3g}"), entry.low), entry.high)
