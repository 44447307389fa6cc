"""An engine that answers without a model."""

from __future__ import annotations

import threading
from typing import Any

from dashboard.core.errors import LightboxError
from dashboard.core.serving.answers import Answer, Prediction, RunAnswer
from dashboard.core.serving.question import Question
from dashboard.core.serving.shelf import Fault

ANSWER = Answer("id", "m", "v", (Prediction("a", 0, 1.0),), (), {"total": 1.0})


class FakeEngine:
    """Answers at once, unless told to wait or fail."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.answer = ANSWER
        self.error: Exception | None = None
        self.release = threading.Event()
        self.release.set()

    def warm(self) -> str:
        return "m"

    def sizes(self) -> dict[str, int]:
        return {"m": 1000}

    def faults(self) -> list[Fault]:
        return [Fault("m", "v2", LightboxError("It is damaged."), 0.0)]

    has_tensorflow = True

    def classify_in_run(self, content: bytes, run_id: str) -> RunAnswer:
        self.calls.append({"content": content, "run": run_id})
        return RunAnswer(2, b"png", (), ())

    def may_be_slow(self, question: Question) -> bool:
        return False

    def classify(self, content: bytes, question: Question) -> Answer:
        self.calls.append({"content": content, "question": question})
        self.release.wait(10)
        if self.error:
            raise self.error
        return self.answer
