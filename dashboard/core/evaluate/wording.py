"""A comparison in plain sentences, with the numbers behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase

from dashboard.core.evaluate.comparison import ComparedRun, Pair, PairedTest
from dashboard.core.evaluate.paired import FEWEST
from dashboard.core.images import Note


def letters(run_ids: Sequence[str]) -> dict[str, str]:
    """Return run id → A, B, …: names of runs are long and often the same."""
    return dict(zip(run_ids, ascii_uppercase, strict=False))


def about_run(run: ComparedRun, name: str) -> Note | None:
    """Return why a run has no figures, or None."""
    if run.untested == "unfinished":
        return Note(
            "unfinished", "{name} has not finished: it is tested at its end.", {"name": name}
        )
    if run.untested == "ended":
        return Note("ended", "{name} ended before it was tested.", {"name": name})
    return None


def about_pair(pair: Pair, names: Mapping[str, str]) -> list[Note]:
    """Return what two runs tell about each other.

    Args:
        pair: Of which runs.
        names: Run id → what to call it.
    """
    if pair.test and pair.test.difference < 0:
        pair = pair.mirrored()  # so that the one that had more right is named first
    values = {"first": names[pair.first], "second": names[pair.second]}
    if not pair.test:
        first, second = sorted(values.values())
        return [_obstacle(pair, {"first": first, "second": second})]
    notes = [_verdict(pair.test, values)]
    if pair.test.verdict != "noise" and pair.parameters == ("seed",):
        notes.append(
            Note(
                "luck",
                "Only the seed of the two differs, so this difference is the luck of training.",
                {},
            )
        )
    if 0 < pair.test.agreement.differing < FEWEST:
        notes.append(
            Note(
                "few",
                "Where fewer than {least} images tell two runs apart, no test can decide. More "
                "test images could.",
                {"least": FEWEST},
            )
        )
    if pair.relabelled:
        notes.append(
            Note(
                "relabelled",
                "Images left out because their label was changed between the two runs: {n}.",
                {"n": pair.relabelled},
            )
        )
    return notes


def probability(p: float) -> str:
    """Return `"= 0.73"`, or `"< 0.001"` where it is smaller."""
    if p < 0.001:
        return "< 0.001"
    return f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"


def points(share: float) -> str:
    """Return a difference of shares in percentage points, with a proper minus sign."""
    text = f"{100 * share:.1f}"
    return "0.0" if text == "-0.0" else text.replace("-", "−")


def _verdict(test: PairedTest, names: dict[str, str]) -> Note:
    counts = test.agreement
    if not counts.differing:
        return Note(
            "same",
            "{first} and {second} got the same {right} of {n} shared test images right: there is "
            "no difference.",
            {**names, "right": counts.both, "n": counts.n},
        )
    values = {
        **names,
        "n": counts.n,
        "only_first": counts.only_first,
        "only_second": counts.only_second,
        "p": probability(test.p_corrected),
        "difference": points(test.difference),
        "low": points(test.low),
        "high": points(test.high),
    }
    if test.verdict == "noise":
        return Note(
            "noise",
            "Of {n} shared test images, {only_first} only {first} and {only_second} only {second} "
            "got right; p {p}. The difference of {difference} points ({low} to {high}) is within "
            "noise.",
            values,
        )
    return Note(
        "better",
        "Of {n} shared test images, {only_first} only {first} and {only_second} only {second} got "
        "right; p {p}. {first} is better than {second} by {difference} points ({low} to {high}).",
        values,
    )


def _obstacle(pair: Pair, names: dict[str, str]) -> Note:
    if pair.obstacle == "other_classes":
        return Note(
            "other_classes",
            "{first} and {second} cannot be compared: they answer with different classes.",
            names,
        )
    if pair.obstacle == "relabelled":
        return Note(
            "all_relabelled",
            "{first} and {second} cannot be compared: no test image they share has the same label "
            "for both.",
            names,
        )
    return Note(
        "other_images",
        "{first} and {second} cannot be compared: they share no test image.",
        names,
    )
