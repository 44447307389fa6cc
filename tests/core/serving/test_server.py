from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np
import pytest
from starlette.testclient import TestClient

from dashboard.core.errors import LightboxError, NotFound
from dashboard.core.images import MAX_BYTES
from dashboard.core.serving import server
from dashboard.core.serving.answers import Answer, RunAnswer
from dashboard.core.serving.engine import Engine
from dashboard.core.serving.question import Question
from dashboard.core.serving.server import create_app
from tests import corpus
from tests.fake_engine import ANSWER, FakeEngine

PLAIN = {"question": Question().to_json()}


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def http(engine: FakeEngine) -> Iterator[TestClient]:
    app = create_app(engine)  # type: ignore[arg-type]
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_a_run_is_asked_by_its_id(http: TestClient, engine: FakeEngine) -> None:
    response = http.post("/run", params={"run": "abc"}, content=b"image")
    assert RunAnswer.from_json(response.json()) == RunAnswer(2, b"png", (), ())
    assert engine.calls == [{"content": b"image", "run": "abc"}]


def test_the_question_crosses_whole(http: TestClient, engine: FakeEngine) -> None:
    question = Question("数字", 3, "grad_cam", 1, "a/b", 0.05, 4, 96)
    asked = {"question": question.to_json()}
    response = http.post("/classify", params=asked, content=b"image")
    assert Answer.from_json(response.json()) == ANSWER
    assert engine.calls == [{"content": b"image", "question": question}]


def test_a_thumbnail_is_decoded_here_and_fitted() -> None:
    http = TestClient(create_app(Engine()))
    content = corpus.saved(np.full((40, 60, 3), (200, 100, 50), np.uint8))
    response = http.post("/thumbnail", params={"side": 32}, content=content)
    pixels = np.frombuffer(response.content, np.uint8).reshape(32, 32, 3)
    assert (pixels[16, 16] == (200, 100, 50)).all()
    refused = http.post("/thumbnail", params={"side": 32}, content=b"this is no picture")
    assert refused.json()["error"]["code"] == "not_an_image"
    assert refused.status_code == 415


def test_ready_once_the_default_model_is_warm(http: TestClient) -> None:
    for _ in range(100):
        response = http.get("/ready")
        if response.status_code == 200:
            break
    faults = [{"model": "m", "version": "v2", "message": "It is damaged."}]
    assert response.json() == {"ready": True, "model": "m", "faults": faults}


def test_a_wrong_question_never_reaches_the_engine(http: TestClient) -> None:
    for path in ("/preview", "/effect"):
        response = http.post(path, content=b'{"dataset": 3}')
        assert response.status_code == 422
        assert response.json()["error"]["values"]["field"] == "dataset"


def test_known_errors_cross_as_json(http: TestClient, engine: FakeEngine) -> None:
    engine.error = NotFound("There is no model “{name}”.", code="model_not_found", name="x")
    response = http.post("/classify", params=PLAIN, content=b"")
    assert response.status_code == 404
    error = LightboxError.from_json(response.json()["error"])
    assert isinstance(error, NotFound)
    assert str(error) == "There is no model “x”."


def test_other_errors_show_only_an_id(
    http: TestClient, engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    engine.error = RuntimeError("secret path")
    response = http.post("/classify", params=PLAIN, content=b"")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.json()["error"]["values"]["error_id"] in caplog.text


def test_a_body_over_the_limit(http: TestClient, engine: FakeEngine) -> None:
    assert http.post("/classify", params=PLAIN, content=bytes(MAX_BYTES + 1)).status_code == 413
    assert engine.calls == []


def test_a_full_queue_is_503(engine: FakeEngine) -> None:
    engine.release.clear()
    n_held = 2 + server.MAX_QUEUED
    app = create_app(engine)  # type: ignore[arg-type]
    with TestClient(app) as http, ThreadPoolExecutor(n_held + 1) as pool:
        answers = [
            pool.submit(http.post, "/classify", params=PLAIN, content=b"")
            for _ in range(n_held + 1)
        ]
        refused = next(as_completed(answers, timeout=5)).result()
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "queue_full"
        engine.release.set()
        codes = sorted(answer.result().status_code for answer in answers)
    assert codes == [200] * n_held + [503]


def test_the_deadline_is_504(
    http: TestClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "DEADLINE_S", 0.05)
    engine.release.clear()
    response = http.post("/classify", params=PLAIN, content=b"")
    engine.release.set()
    assert response.status_code == 504
    assert response.json()["error"]["code"] == "deadline_exceeded"
