"""What a finished run answered to its test images."""

from __future__ import annotations

import pandas as pd

from dashboard.core.errors import LightboxError
from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Run


def is_tested(run: Run) -> bool:
    """Whether the run has come to its test; the card is written after the answers."""
    folder = tracking.artifacts(run.id)
    return (folder / "card.json").is_file() and (folder / "predictions.parquet").is_file()


def load_answers(run: Run) -> pd.DataFrame:
    """Return one row per test image of a run that `is_tested`.

    Columns: `id` of the image, `target` and `answer` (class index; where an image may have several,
    or one of each task, a tuple of them), `right`: whether they are the same, so with several
    labels or tasks whether all are.

    Raises:
        LightboxError: The file is damaged.
    """
    path = tracking.artifacts(run.id) / "predictions.parquet"
    try:
        found = pd.read_parquet(path, columns=["id", "target", "predicted"])
    except (OSError, ValueError) as error:  # Arrow's errors are ValueErrors
        raise LightboxError(
            "The test results of the run “{name}” are damaged. Train it again: its recipe is kept.",
            code="damaged_results",
            name=run.name,
        ) from error
    found = found.rename(columns={"predicted": "answer"})
    for column in ("target", "answer"):
        if found[column].dtype == object:
            found[column] = [tuple(labels) for labels in found[column]]
    return found.assign(right=found["target"] == found["answer"])


def shared(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the images that both runs were tested on, and how many had another label since.

    Args:
        first, second: As `load_answers` gives them, of data sets with the same classes.

    Returns:
        Columns `id`, `target`, `answer_first`, `right_first`, `answer_second`, `right_second`, in
        the order of the first; and the number of images left out, for which there is no telling
        who is right: their label was changed between the two versions of the data set.
    """
    joined = first.merge(second, on="id", suffixes=("_first", "_second"))
    same = joined["target_first"] == joined["target_second"]
    kept = joined[same].drop(columns="target_second")
    return kept.rename(columns={"target_first": "target"}), int((~same).sum())
