import json

from dashboard.core.images import Note
from dashboard.core.serving.answers import Answer, Explanation, Prediction, RunAnswer

ANSWER = Answer(
    request_id="abc",
    model="数字",
    version="0123456789ab",
    predictions=(Prediction("零", 0, 0.75), Prediction("one", 1, 0.25)),
    notes=(Note("first_frame", "Of {frames} frames only the first was used.", {"frames": 3}),),
    timing_ms={"decode": 1.5, "predict": 2.0, "total": 4.0},
    explanation=Explanation("grad_cam", "conv", ("stem", "conv"), 1, b"\x89PNG\0", b"\xff"),
)


def test_answers_survive_the_way_between_processes() -> None:
    assert Answer.from_json(json.loads(json.dumps(ANSWER.to_json()))) == ANSWER


def test_without_explanation() -> None:
    plain = Answer("a", "m", "v", (), (), {})
    assert Answer.from_json(json.loads(json.dumps(plain.to_json()))) == plain

    of_run = RunAnswer(3, b"\x89PNG\0", ANSWER.predictions, ANSWER.notes)
    assert RunAnswer.from_json(json.loads(json.dumps(of_run.to_json()))) == of_run
