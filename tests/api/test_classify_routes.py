import asyncio
import io
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from PIL import Image

from dashboard.api import uploads
from dashboard.api.classify import engine_client, router
from dashboard.core.errors import LightboxError, TooLarge, UnsupportedMedia
from dashboard.core.images import MAX_BYTES, Note, encode_png
from dashboard.core.serving.answers import Answer, Assurance, Evidence, Explanation, Prediction
from dashboard.core.serving.question import Question

GREY = encode_png(np.full((4, 4, 3), 128, np.uint8))
HEAT = encode_png(np.full((4, 4, 1), 255, np.uint8))


ASSURANCE = Assurance(
    0.05, {"animal": ("cat", "dog")}, False, 0.7, 0.8, True, (Evidence("dog", 0.9, GREY),)
)


class FakeClient:
    """Answers with the content it got as the label."""

    def __init__(self) -> None:
        self.calls: list[Question] = []

    async def aclassify(self, content: bytes, question: Question) -> Answer:
        self.calls.append(question)
        if content == b"bad":
            raise UnsupportedMedia("Not a picture.", code="not_an_image")
        explain = question.explain
        return Answer(
            request_id="id",
            model="m",
            version="v",
            predictions=(Prediction(content.decode(), 0, 1.0),),
            notes=(Note("first_frame", "Of {frames} frames one was used.", {"frames": 3}),),
            timing_ms={"decode": 1.0, "predict": 2.0, "total": 3.0},
            explanation=Explanation(explain, "c", ("b", "c"), 0, GREY, HEAT) if explain else None,
            assurance=ASSURANCE if question.evidence else None,
        )


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def http(client: FakeClient) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router)
    app.dependency_overrides[engine_client] = lambda: client

    @app.exception_handler(LightboxError)
    async def show(_: Request, error: LightboxError) -> JSONResponse:
        return JSONResponse({"code": error.code, "message": str(error)}, error.status)

    with TestClient(app) as http:
        yield http


def images(*contents: bytes) -> list[tuple[str, tuple[str, bytes]]]:
    return [("images", (f"{i}.png", content)) for i, content in enumerate(contents)]


def test_an_answer(http: TestClient, client: FakeClient) -> None:
    response = http.post("/classify", files={"image": b"cat"})
    assert response.json() == {
        "request_id": "id",
        "model": "m",
        "version": "v",
        "predictions": [{"label": "cat", "index": 0, "probability": 1.0, "task": ""}],
        "notes": [{"code": "first_frame", "message": "Of 3 frames one was used."}],
        "timing_ms": {"decode": 1.0, "predict": 2.0, "total": 3.0},
        "explanation": None,
        "assurance": None,
        "several": False,
    }
    assert client.calls == [Question()]


def test_options_and_explanation(http: TestClient, client: FakeClient) -> None:
    data = {"model": "m", "top": "2", "explain": "grad_cam", "target": "0", "layer": "c"}
    response = http.post("/classify", files={"image": b"cat"}, data=data)
    explanation = response.json()["explanation"]
    drawn = Image.open(io.BytesIO(b64decode(explanation.pop("overlay_png"))))
    assert drawn.size == (4, 4)
    assert explanation == {"method": "grad_cam", "target": 0, "layer": "c", "layers": ["b", "c"]}
    assert client.calls == [Question("m", 2, "grad_cam", 0, "c")]


def test_what_stands_behind_an_answer(http: TestClient, client: FakeClient) -> None:
    data = {"error": "0.05", "evidence": "1"}
    response = http.post("/classify", files={"image": b"cat"}, data=data)
    assert response.json()["assurance"] == {
        "error": 0.05,
        "sets": [{"task": "animal", "labels": ["cat", "dog"]}],
        "known": False,
        "likeness": 0.7,
        "least_likeness": 0.8,
        "trained_on": True,
        "evidence": [{"label": "dog", "likeness": 0.9, "image_png": b64encode(GREY).decode()}],
    }
    assert client.calls == [Question(error=0.05, evidence=1)]


@pytest.mark.parametrize("data", [{"error": "0"}, {"error": "nan"}, {"evidence": "13"}])
def test_what_nobody_can_promise_is_refused(http: TestClient, data: dict[str, str]) -> None:
    assert http.post("/classify", files={"image": b"cat"}, data=data).status_code == 422


def test_empty_fields_are_defaults(http: TestClient, client: FakeClient) -> None:
    data = {"model": "", "explain": "", "layer": ""}
    assert http.post("/classify", files={"image": b"cat"}, data=data).status_code == 200
    assert client.calls == [Question()]


def test_errors_pass_through(http: TestClient) -> None:
    response = http.post("/classify", files={"image": b"bad"})
    assert response.status_code == 415
    assert response.json() == {"code": "not_an_image", "message": "Not a picture."}


@pytest.mark.parametrize("size", [MAX_BYTES + 1, MAX_BYTES + 2**20])
def test_too_large_an_upload(http: TestClient, client: FakeClient, size: int) -> None:
    response = http.post("/classify", files={"image": bytes(size)})
    assert response.status_code == 413
    assert "larger than 10 MB" in response.json()["message"]
    assert client.calls == []


def test_reading_ends_at_the_limit() -> None:
    received = 0

    async def endless() -> dict[str, Any]:
        nonlocal received
        received += 1
        return {"type": "http.request", "body": bytes(2**20), "more_body": True}

    async def read() -> None:
        receive = uploads._limit(endless, MAX_BYTES)
        while True:
            await receive()

    with pytest.raises(TooLarge, match="larger than 10 MB"):
        asyncio.run(read())
    assert received == 11


def test_a_batch_keeps_its_order(http: TestClient) -> None:
    names = [f"image-{i}".encode() for i in range(32)]
    response = http.post("/classify/batch", files=images(*names))
    labels = [answer["predictions"][0]["label"] for answer in response.json()]
    assert labels == [name.decode() for name in names]


def test_a_bad_image_in_a_batch_is_named(http: TestClient) -> None:
    response = http.post("/classify/batch", files=images(b"a", b"bad", b"c"))
    assert response.status_code == 415
    assert response.json() == {"code": "not_an_image", "message": "Image 2 of 3: Not a picture."}


def test_the_size_of_a_batch(http: TestClient) -> None:
    assert http.post("/classify/batch", data={"top": "1"}).status_code == 422
    response = http.post("/classify/batch", files=images(*[b"a"] * 33))
    assert response.status_code == 413
    assert "at most 32 images; received 33" in response.json()["message"]
