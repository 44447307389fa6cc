"""What finished runs answered, with one label, several, or several tasks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dashboard.core.errors import LightboxError
from dashboard.core.evaluate.answers import is_tested, load_answers, shared
from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Run

RUN = Run("a1", "a <b>run</b>", "FINISHED", 0, None)


def write(target: list, predicted: list) -> None:
    folder = tracking.artifacts(RUN.id)
    folder.mkdir(parents=True, exist_ok=True)
    ids = [f"image{place}" for place in range(len(target))]
    frame = pd.DataFrame({"id": ids, "target": target, "predicted": predicted})
    frame.assign(probability=0.5).to_parquet(folder / "predictions.parquet")


def frame(target: dict[str, int], answers: list[int]) -> pd.DataFrame:
    found = pd.DataFrame({"id": list(target), "target": target.values(), "answer": answers})
    return found.assign(right=found["target"] == found["answer"])


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("target", "predicted", "right"),
    [
        ([3, 1, 0], [3, 2, 0], [True, False, True]),
        ([[0, 2], [], [1]], [[0, 2], [], [1, 2]], [True, True, False]),  # all labels
        ([[0, 3], [1, 2]], [[0, 3], [1, 3]], [True, False]),  # all tasks
    ],
)
def test_right_is_all_right(target: list, predicted: list, right: list[bool]) -> None:
    write(target, predicted)
    assert load_answers(RUN)["right"].tolist() == right


def test_a_run_is_tested_once_its_card_is_there(home: Path) -> None:
    assert not is_tested(RUN)
    write([0], [0])
    assert not is_tested(RUN)
    (tracking.artifacts(RUN.id) / "card.json").write_text("{}")
    assert is_tested(RUN)


@pytest.mark.usefixtures("home")
def test_a_damaged_file_is_one_sentence() -> None:
    write([0], [0])
    (tracking.artifacts(RUN.id) / "predictions.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(LightboxError, match="of the run “a <b>run</b>” are damaged") as caught:
        load_answers(RUN)
    assert caught.value.code == "damaged_results"


def test_images_are_joined_by_their_id_in_any_order() -> None:
    first = frame({"x": 0, "y": 1, "z": 2, "only here": 0}, [0, 1, 0, 0])
    second = frame({"z": 2, "y": 0, "x": 0, "only there": 1}, [2, 0, 1, 1])
    found, relabelled = shared(first, second)
    assert found["id"].tolist() == ["x", "z"]  # y has another label since
    assert relabelled == 1
    assert found["right_first"].tolist() == [True, False]
    assert found["right_second"].tolist() == [False, True]
    assert found["answer_second"].tolist() == [1, 2]
