"""What a comparison of runs finds."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dashboard.core.evaluate.paired import Agreement
from dashboard.core.models.card import Metric
from dashboard.core.runs.tracking import Status

Untested = Literal["", "unfinished", "ended"]
Obstacle = Literal["", "other_classes", "other_images", "relabelled"]
Verdict = Literal["first", "second", "noise"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ComparedRun(_Frozen):
    """One run and its figures.

    Attributes:
        id, name, status: Of the run.
        untested: Why it has no figures: it has not come to its test yet, or ended before.
        metrics: On its test images, each with its 95 % bootstrap interval.
    """

    id: str
    name: str
    status: Status
    untested: Untested
    metrics: tuple[Metric, ...]

    @property
    def accuracy(self) -> float:
        """Share of its test images it had right."""
        return self.metrics[0].value


class PairedTest(_Frozen):
    """The test of two runs on the images both were tested on.

    Attributes:
        agreement: How often each was right; “first” and “second” as in the pair.
        difference, low, high: Accuracy of the first less that of the second, with its 95 %
            bootstrap interval.
        p: Of McNemar's exact test.
        p_corrected: The same, raised by Holm's method for the number of pairs that are compared.
        verdict: Which is better, or that the difference is within noise.
    """

    agreement: Agreement
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float
    verdict: Verdict


class Pair(_Frozen):
    """Two tested runs.

    Attributes:
        first, second: Their ids.
        obstacle: Why they cannot be compared: they answer with other classes, share no test image,
            or none whose label is the same for both.
        relabelled: Images left out because their label was changed between the two runs.
        parameters: Names of those that differ between the two.
        test: None where there is an obstacle.
    """

    first: str
    second: str
    obstacle: Obstacle
    relabelled: int
    parameters: tuple[str, ...]
    test: PairedTest | None

    def mirrored(self) -> Pair:
        """Return the same, seen from the other run."""
        change = {"first": self.second, "second": self.first}
        return self.model_copy(update={**change, "test": self.test and _mirrored(self.test)})


class Comparison(_Frozen):
    """Several runs side by side.

    Attributes:
        runs: In the order they were given.
        parameters: Parameter → its value in each run, in their order; only those that differ.
        pairs: Every two of the tested runs. Also where only those with the best one are looked at,
            all of them are corrected for: which one is best was chosen by the same images. (Six
            equally good models were told apart by mistake 9 times of 100 without it, 3 with it.)
        best: Id of the run with the highest accuracy, of those that can be compared with most
            others; None where none is tested.
    """

    runs: tuple[ComparedRun, ...]
    parameters: dict[str, tuple[str | None, ...]]
    pairs: tuple[Pair, ...]
    best: str | None

    def against(self, run_id: str) -> list[Pair]:
        """Return the pairs of a run with each other one, this one being the first."""
        return [
            pair if pair.first == run_id else pair.mirrored()
            for pair in self.pairs
            if run_id in (pair.first, pair.second)
        ]


def _mirrored(test: PairedTest) -> PairedTest:
    other: dict[Verdict, Verdict] = {"first": "second", "second": "first", "noise": "noise"}
    counts = test.agreement
    turned = replace(counts, only_first=counts.only_second, only_second=counts.only_first)
    return PairedTest(
        agreement=turned, difference=turned.difference, low=-test.high, high=-test.low,
        p=test.p, p_corrected=test.p_corrected, verdict=other[test.verdict],
    )  # fmt: skip
