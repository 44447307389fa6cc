"""The application as a whole: its address, its errors, and who may change something."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from dashboard import app as app_module
from dashboard.api.app import create_api
from dashboard.core.errors import LightboxError
from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Point
from dashboard.core.serving.client import engine
from dashboard.core.settings import settings
from tests.server import free_port

BASE = "http://127.0.0.1:8501/api/v1"


SHORTAGES = {
    "files": OSError(errno.EMFILE, "Too many open files", "/secret"),
    "processes": BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
    "threads": RuntimeError("can't start new thread"),
    "memory": MemoryError(),
}


def new_client() -> TestClient:
    """The API as it is mounted, with one more route that fails."""
    api = create_api()

    @api.get("/v1/broken")
    def broken() -> None:
        raise RuntimeError("secret detail")

    @api.get("/v1/broken/{kind}")
    def short(kind: str) -> None:
        raise SHORTAGES[kind]

    return TestClient(Starlette(routes=[Mount("/api", api)]), raise_server_exceptions=False)


CLIENT = new_client()
SCHEMA = CLIENT.get("/api/openapi.json").json()
ROUTES = [
    (method.upper(), re.sub("{.*?}", "x", path))
    for path, operations in SCHEMA["paths"].items()
    for method in operations
]
READING = [path for method, path in ROUTES if method == "GET" and "broken" not in path]
VISITORS = ("/v1/classify", "/v1/classify/batch", "/v1/feedback")
CHANGING = [(m, path) for m, path in ROUTES if m != "GET" and path not in VISITORS]


def request(method: str, path: str, **options: Any) -> httpx.Response:
    return CLIENT.request(method, BASE + path, **options)


def change(path: str, method: str = "POST", **headers: str) -> httpx.Response:
    sent = {name: value.encode() for name, value in headers.items()}
    return CLIENT.request(method, f"http://127.0.0.1:8501/api{path}", json={}, headers=sent)


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for this file: a database of its own takes each test a second."""
    for forget in (tracking.forget, engine.cache_clear):
        forget()
    yield tmp_path_factory.mktemp("app") / "home"
    for forget in (tracking.forget, engine.cache_clear):
        forget()


@pytest.fixture
def environment(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A home without data, and nothing else set."""
    for key in ("LIGHTBOX_HOST", "LIGHTBOX_TOKEN", "LIGHTBOX_DEMO", "PORT"):
        monkeypatch.setenv(key, "")
    monkeypatch.setenv("LIGHTBOX_HOME", str(shared_home))
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def configure(environment: pytest.MonkeyPatch, **values: str) -> None:
    """Set variables as an operator would."""
    for key, value in values.items():
        environment.setenv(key, value)
    settings.cache_clear()


# ---- errors


def error_of(answer: httpx.Response) -> dict[str, str]:
    """The error in an answer, which has its one shape."""
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    error = answer.json()["error"]
    assert sorted(error) == ["code", "message", "request_id"]
    assert re.fullmatch("[0-9a-f]{16}", error["request_id"])
    assert answer.headers.get_list("x-request-id") == [error["request_id"]]
    assert re.fullmatch(r"[A-Z`“].*\.", error["message"], re.DOTALL)
    return error


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code", "words"),
    [
        ("GET", "/nothing", {}, 404, "http_404", "nothing at this address"),
        ("DELETE", "/runs", {}, 405, "http_405", "other methods"),
        ("GET", "/models/vgg", {}, 404, "model_not_found", "“vgg”"),
        ("GET", "/datasets/cats", {}, 404, "dataset_not_found", "“cats”"),
        ("POST", "/classify", {}, 422, "invalid_request", "`image`"),
        ("POST", "/runs", {"json": [1]}, 422, "invalid_request", "`body`"),
        ("POST", "/runs", {"json": {"epochs": 0}}, 422, "invalid_recipe", "`epochs` must be ≥ 1"),
        ("POST", "/runs", {"json": {"network": "alexnet"}}, 422, "unknown_network", "“alexnet”"),
        ("POST", "/runs", {"json": {"dataset": "../x"}}, 404, "dataset_not_found", "“../x”"),
        ("GET", "/readyz", {}, 503, "starting", "Try again"),
        ("GET", "/broken", {}, 500, "internal", "Its reference is"),
    ],
)
def test_every_error_has_its_status_and_one_sentence(
    method: str, path: str, options: dict[str, Any], status: int, code: str, words: str
) -> None:
    answer = request(method, path, **options)
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (status, code)
    assert words in error["message"]


JSON = {"content-type": "application/json"}


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("content", "statuses"),
    [
        (b"{", {422}),
        (b"[" * 100_000, {400, 422}),
        (b'{"learning_rate": NaN}', {422}),
        (b'{"epochs": 1e400}', {422}),
        (b'{"seed": ' + b"9" * 5000 + b"}", {400, 422}),
        (b'{"\\ud800x": 1}', {422}),  # half a character
        (b'{"dataset": "\\ud800x"}', {404}),
        (b"\xff\xfe", {400, 422}),
    ],
)
def test_strange_json_is_refused_plainly(content: bytes, statuses: set[int]) -> None:
    answer = request("POST", "/runs", content=content, headers=JSON)
    assert answer.status_code in statuses
    error_of(answer)


def test_what_nobody_expected_is_logged_under_the_id_and_not_shown(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answer = request("GET", "/broken")
    assert "secret" not in answer.text
    assert [record.request for record in caplog.records] == [answer.headers["x-request-id"]]
    assert "secret detail" in caplog.text


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("kind", SHORTAGES)
def test_what_is_short_just_now_may_be_asked_again(kind: str) -> None:
    answer = request("GET", f"/broken/{kind}")
    assert (answer.status_code, error_of(answer)["code"]) == (503, "out_of_resources")
    assert answer.headers["retry-after"] == "2"
    assert "secret" not in answer.text


@pytest.mark.usefixtures("environment")
def test_answers_carry_an_id_of_their_own() -> None:
    ids = {request("GET", "/healthz").headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert request("GET", "/readyz").headers["retry-after"] == "2"
    assert request("POST", "/healthz").headers["allow"] == "GET"
    assert request("DELETE", "/runs").headers["allow"] == "GET, POST"


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("path", READING)
def test_reading_an_empty_home(path: str) -> None:
    answer = request("GET", path.removeprefix("/v1"), params={"ids": "x,y"})
    assert answer.status_code in (200, 404, 503)
    if answer.status_code != 200:
        error_of(answer)


# ---- documentation


def test_the_interactive_page_needs_no_network() -> None:
    page = CLIENT.get("/api/docs").text
    links = re.findall(r"""(?:src|href)=["']([^"']+)|\burl: ?["']([^"']+)""", page)
    found = [first or second for first, second in links]
    assert len(found) >= 4
    assert any(link.endswith("openapi.json") for link in found)
    for link in found:
        assert link.startswith("/api/"), link
        assert CLIENT.get(link).status_code == 200, link
    assert not re.search("https?://", page)


def test_the_documented_routes_are_there() -> None:
    found = {(method, path) for path, methods in SCHEMA["paths"].items() for method in methods}
    promised = [
        "get /healthz", "get /readyz", "get /models", "get /models/{name}", "post /classify",
        "post /classify/batch", "get /datasets", "post /datasets", "get /datasets/{name}",
        "get /datasets/{name}/images/{image_id}", "get /datasets/{name}/images/{image_id}/thumb",
        "post /runs", "get /runs", "get /runs/compare", "get /runs/{run_id}",
        "get /runs/{run_id}/metrics", "post /runs/{run_id}/stop", "post /runs/{run_id}/publish",
    ]  # fmt: skip
    for line in promised:
        method, path = line.split()
        assert (method, "/v1" + path) in found, line


# ---- who may change something


def test_there_are_routes_that_change_something() -> None:
    assert len(CHANGING) >= 4


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_a_demo_changes_nothing(environment: pytest.MonkeyPatch, method: str, path: str) -> None:
    configure(environment, LIGHTBOX_DEMO="1", LIGHTBOX_HOST="0.0.0.0", LIGHTBOX_TOKEN="secret")
    for headers in ({}, {"authorization": "Bearer secret"}):
        answer = change(path, method, **headers)
        assert (answer.status_code, error_of(answer)["code"]) == (403, "demo")


def test_a_demo_keeps_no_feedback_unless_it_is_told_to(environment: pytest.MonkeyPatch) -> None:
    configure(environment, LIGHTBOX_DEMO="1")
    answer = change("/v1/feedback")
    assert (answer.status_code, error_of(answer)["code"]) == (403, "feedback_off")
    configure(environment, LIGHTBOX_DEMO="1", LIGHTBOX_FEEDBACK="1")
    assert change("/v1/feedback").status_code == 422  # there is no image, but it may


def test_a_demo_can_be_looked_at_and_asked(environment: pytest.MonkeyPatch) -> None:
    configure(environment, LIGHTBOX_DEMO="1")
    for path in ("/models", "/datasets", "/healthz"):
        assert request("GET", path).status_code == 200
    assert request("POST", "/classify").status_code == 422  # there is no image, but it may


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(("method", "path"), CHANGING)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://127.0.0.1", "http://127.0.0.1:8502", "null"]
)
def test_a_page_of_another_site_changes_nothing(method: str, path: str, origin: str) -> None:
    answer = change(path, method, origin=origin)
    assert (answer.status_code, error_of(answer)["code"]) == (403, "foreign_origin")


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_on_this_machine_changes_need_nothing(method: str, path: str) -> None:
    for headers in ({}, {"origin": "http://127.0.0.1:8501"}):
        assert change(path, method, **headers).status_code in (404, 422)


@pytest.mark.parametrize(("method", "path"), CHANGING)
@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7"])
def test_elsewhere_changes_need_the_token(
    environment: pytest.MonkeyPatch, host: str, method: str, path: str
) -> None:
    configure(environment, LIGHTBOX_HOST=host, LIGHTBOX_TOKEN="secret-é")
    for given in ("", "Bearer", "Bearer ", "Bearer wrong", "Bearer secret", "Bearer é"):
        answer = change(path, method, authorization=given)
        assert (answer.status_code, error_of(answer)["code"]) == (403, "token_required")
    assert error_of(change(path, method))["code"] == "token_required"
    assert change(path, method, authorization="Bearer secret-é").status_code in (404, 422)


def test_without_a_token_nobody_has_it(environment: pytest.MonkeyPatch) -> None:
    configure(environment, LIGHTBOX_HOST="0.0.0.0")
    for headers in ({}, {"authorization": "Bearer "}):
        assert error_of(change("/v1/runs", **headers))["code"] == "token_required"


# ---- runs


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("run_id", ["..%2Fx", "%2e%2e%2fx", "x", "%00", "0" * 32, "a" * 5000])
def test_an_unknown_run(run_id: str) -> None:
    for method, path in (("GET", ""), ("GET", "/metrics"), ("POST", "/stop"), ("POST", "/publish")):
        answer = request(method, f"/runs/{run_id}{path}", json={"name": "x"})
        assert answer.status_code == 404
        assert len(error_of(answer)["message"]) < 200


@pytest.mark.usefixtures("environment")
def test_since_step_gives_only_what_is_new() -> None:
    run_id = tracking.create_run("a run", "", {}, "RUNNING")
    points = [Point("loss", step, 1 / step, step) for step in (1, 2, 3)]
    tracking.log_points(run_id, [*points, Point("val_loss", 3, float("nan"), 3)])

    def curves(**query: object) -> httpx.Response:
        return request("GET", f"/runs/{run_id}/metrics", params=query)

    everything = {"loss": [[1, 1.0], [2, 0.5], [3, 1 / 3]], "val_loss": [[3, None]]}
    assert curves().json() == curves(since_step=0).json() == everything
    assert curves(since_step=3).json() == {"loss": [[3, 1 / 3]], "val_loss": [[3, None]]}
    assert curves(since_step=4).json() == {"loss": [], "val_loss": []}
    for wrong in ("-1", "x", "1.5", "9" * 30):
        answer = curves(since_step=wrong)
        assert answer.status_code == 422
        assert "`since_step`" in error_of(answer)["message"]
    run = request("GET", f"/runs/{run_id}").json()
    assert (run["status"], run["metrics"]["val_loss"]) == ("RUNNING", None)
    tracking.set_status(run_id, "KILLED")
    assert error_of(request("POST", f"/runs/{run_id}/stop"))["code"] == "run_ended"


# ---- the address


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_taken_port_names_itself_and_another(host: str) -> None:
    port = free_port()
    with app_module._listen(host, port), pytest.raises(LightboxError) as caught:
        app_module._listen(host, port)
    assert caught.value.code == "port_taken"
    assert f"Port {port} on {host} cannot be used: address already in use." in str(caught.value)
    assert f"PORT={port + 1}" in str(caught.value)
    app_module._listen(host, port).close()  # and is free again


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(LightboxError, match=r"Port 65535 on 192\.0\.2\.1 .*PORT=8501"):
        app_module._listen("192.0.2.1", 65535)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, r"http://127\.0\.0\.1:{port}"),
        ({"LIGHTBOX_HOST": "::1"}, r"http://\[::1\]:{port}"),
        ({"LIGHTBOX_HOST": "0.0.0.0"}, r"http://0\.0\.0\.0:{port}/\?token=[\w-]{{32}}"),
        ({"LIGHTBOX_HOST": "0.0.0.0", "LIGHTBOX_TOKEN": "mine"}, ".*token=mine"),
        ({"LIGHTBOX_HOST": "0.0.0.0", "LIGHTBOX_DEMO": "1"}, r"http://0\.0\.0\.0:{port}"),
    ],
)
def test_the_line_that_is_printed(
    environment: pytest.MonkeyPatch, values: dict[str, str], shown: str
) -> None:
    said = []

    class Server(app_module._Server):
        def run(self, sockets: list[socket.socket] | None = None) -> None:
            assert sockets
            said.append(self._line)
            sockets[0].close()

    environment.setattr(app_module, "_Server", Server)
    environment.setattr(os, "chdir", lambda _: None)
    environment.setattr(app_module, "log_json", lambda _: None)  # not for the tests after this
    port = free_port()
    configure(environment, PORT=str(port), **values)
    app_module.serve()
    assert re.fullmatch("Lightbox is ready: " + shown.format(port=port), said[0])
    if "token=" in said[0]:  # the printed token is the one that is asked for
        token = said[0].split("token=")[1]
        assert change("/v1/runs", authorization=f"Bearer {token}").status_code in (404, 422)


def test_a_late_application_keeps_its_visitors_waiting() -> None:
    late = app_module.LateApp()

    async def visit() -> str:
        transport = httpx.ASGITransport(late)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            answer = asyncio.create_task(client.get("/"))
            await asyncio.sleep(0.05)
            assert not answer.done()
            late.set(PlainTextResponse("here"))
            return (await answer).text

    assert asyncio.run(visit()) == "here"
