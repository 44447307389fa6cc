"""What agents can do: the client of the MCP SDK and bare requests against a real process."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, MCPError
from mcp_types import CallToolResult
from PIL import Image

from dashboard.core.images import MAX_BYTES
from tests import contract, corpus
from tests.server import HTTP, Lightbox
from tests.test_readme import run_example

SEVEN = base64.b64encode(contract.GOOD).decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lightbox]:
    """A demo, since agents may do there what they may do anywhere."""
    running = Lightbox(
        tmp_path_factory.mktemp("agents") / "home",
        options=("--mcp", "--demo"),
        variables={"LIGHTBOX_RATE": "0"},  # one client asks hundreds of questions here
    )
    with running.running():
        yield running


def call(server: Lightbox, tool: str, **arguments: Any) -> CallToolResult:
    async def asked() -> CallToolResult:
        async with Client(f"{server.url}/mcp") as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(asked())


def error_of(told: CallToolResult) -> tuple[str, str]:
    """The code and the sentence of an error, which is plain and under the id of the request."""
    assert told.is_error
    error = told.structured_content["error"]
    (text,) = told.content
    assert text.text == error["message"]
    assert len(error["request_id"]) == 16
    contract.check_sentence(error["message"])
    return error["code"], error["message"]


def test_there_are_three_tools_that_only_read(server: Lightbox) -> None:
    async def listed() -> list[Any]:
        async with Client(f"{server.url}/mcp") as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in asyncio.run(listed())}
    assert set(tools) == {"list_models", "classify", "explain"}
    assert all(tool.annotations.read_only_hint for tool in tools.values())
    assert tools["classify"].input_schema["required"] == ["image"]


def test_models_are_listed(server: Lightbox) -> None:
    told = call(server, "list_models").structured_content["models"]
    digits = next(card for card in told if card["name"] == "digits")
    assert [task["classes"] for task in digits["tasks"]] == [[str(n) for n in range(10)]]
    assert any(metric["name"] == "accuracy" for metric in digits["metrics"])


def test_the_answer_is_that_of_the_rest_route(server: Lightbox) -> None:
    told = call(server, "classify", image=SEVEN, model="digits", top=2, error=0.05)
    assert not told.is_error
    answer = told.structured_content
    assert json.loads(told.content[0].text) == answer
    form = {"model": "digits", "top": "2", "error": "0.05"}
    files = {"image": ("7.png", contract.GOOD)}
    route = HTTP.post(f"{server.url}/api/v1/classify", files=files, data=form).json()
    for own in ("request_id", "timing_ms"):
        assert answer.pop(own)
        assert route.pop(own)
    assert answer == route
    assert answer["predictions"][0]["label"] == "7"


def test_an_explanation_is_a_picture(server: Lightbox) -> None:
    told = call(server, "explain", image=SEVEN, target=3)
    text, picture = told.content
    assert picture.mime_type == "image/png"
    with Image.open(io.BytesIO(base64.b64decode(picture.data))) as opened:
        assert opened.size == (224, 224)
        assert opened.convert("HSV").split()[1].getextrema()[1] > 100  # coloured: the digit is grey
    explanation = json.loads(text.text)["explanation"]
    assert (explanation["method"], explanation["target"]) == ("grad_cam", 3)
    assert "overlay_png" not in explanation


@pytest.mark.parametrize(
    "image",
    ["/etc/hostname", "/etc/passwd", "../../x.png", "http://127.0.0.1:1/x.png",
     "file:///etc/passwd", "http://169.254.169.254/latest", "data:image/png;base64," + SEVEN,
     "\0", "caf\u00e9", SEVEN[:-1]],
)  # fmt: skip
def test_paths_and_addresses_are_no_pictures(server: Lightbox, image: str) -> None:
    code, _ = error_of(call(server, "classify", image=image))
    assert code in ("not_base64", "not_an_image")


def test_a_path_of_base64_letters_is_decoded_and_not_opened(server: Lightbox) -> None:
    path = Path("/tmp") / secrets.token_hex(8)[:11]
    assert len(str(path)) % 4 == 0
    path.write_bytes(contract.GOOD)
    try:
        assert error_of(call(server, "classify", image=str(path)))[0] == "not_an_image"
    finally:
        path.unlink()


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "word"),
    [
        ("classify", {}, "invalid_request", "`image` is missing"),
        ("classify", {"image": 5}, "invalid_request", "`image` must be a text"),
        ("classify", {"image": ""}, "not_an_image", "not a picture"),
        ("classify", {"image": SEVEN, "top": 0}, "invalid_request", "`top` must be ≥ 1"),
        ("classify", {"image": SEVEN, "top": "x" * 9999}, "invalid_request", "`top` must be"),
        ("classify", {"image": SEVEN, "error": 1}, "invalid_request", "`error` must be < 1"),
        ("classify", {"image": SEVEN, "error": "a"}, "invalid_request", "`error` must be a number"),
        ("classify", {"image": SEVEN, "path": "/etc"}, "invalid_request", "`path` is not known"),
        ("classify", {"image": SEVEN, "model": "../digits"}, "model_not_found", "no model"),
        ("classify", {"image": SEVEN, "model": "m" * 201}, "invalid_request", "200 characters"),
        ("explain", {"image": SEVEN, "target": 10}, "out_of_range", "`target`"),
        ("explain", {"image": SEVEN, "method": "tea_leaves"}, "unknown_explainer", "grad_cam"),
        ("list_models", {"x" * 5000: 1}, "invalid_request", "is not known"),
    ],
)
def test_wrong_arguments_are_one_sentence(
    server: Lightbox, tool: str, arguments: dict[str, Any], code: str, word: str
) -> None:
    told = error_of(call(server, tool, **arguments))
    assert told[0] == code
    assert word in told[1]


def test_an_unknown_tool_is_named(server: Lightbox) -> None:
    async def ask() -> None:
        async with Client(f"{server.url}/mcp") as client:
            with pytest.raises(MCPError, match=r"no tool “x{80}”\. Choose one of: list_models, "):
                await client.call_tool("x" * 5000, {})

    asyncio.run(ask())


@pytest.mark.parametrize("row", corpus.IMAGES, ids=lambda row: row.id)
def test_pictures_get_the_verdict_of_the_other_ways(server: Lightbox, row: corpus.Row) -> None:
    content = row.make()
    told = call(server, "classify", image=base64.b64encode(content).decode())
    if told.is_error:
        assert row.allows(error_of(told)[0])
    else:
        notes = [note["code"] for note in told.structured_content["notes"]]
        assert row.allows(contract.verdict(notes))


def test_more_than_ten_megabytes_are_refused(server: Lightbox) -> None:
    with contract.survived(server):
        exact = contract.GOOD + bytes(MAX_BYTES - len(contract.GOOD))
        assert not call(server, "classify", image=base64.b64encode(exact).decode()).is_error
        for more in (1, 2**20):
            large = base64.b64encode(exact + bytes(more)).decode()
            assert error_of(call(server, "classify", image=large))[0] == "too_large"
        assert post(server, b" " * (17 * 2**20)).status_code == 413


def post(server: Lightbox, content: bytes, **headers: str) -> httpx.Response:
    both = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    return HTTP.post(f"{server.url}/mcp", content=content, headers=both | headers)


CALL = json.dumps(
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
     "params": {"name": "list_models", "arguments": {}}}
).encode()  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[1]", b"\xff\xfe", b'{"a":' + b"[" * 100_000,
     b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": []}',
     CALL.replace(b"list_models", rb"\ud800")],
)  # fmt: skip
def test_strange_bodies(server: Lightbox, content: bytes) -> None:
    with contract.survived(server):
        assert 400 <= post(server, content).status_code < 500


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"origin": "http://evil.example"}, {"origin": "null"},
     {"host": "evil.example", "origin": "http://evil.example"}],
)  # fmt: skip
def test_another_site_gets_no_answer(server: Lightbox, headers: dict[str, str]) -> None:
    answer = post(server, CALL, **headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] in ("foreign_host", "foreign_origin")
    contract.check_sentence(answer.json()["error"]["message"])


def test_there_is_nothing_to_get(server: Lightbox) -> None:
    for method in ("GET", "DELETE", "PUT"):
        assert HTTP.request(method, f"{server.url}/mcp").status_code == 405


def test_nobody_is_let_in_unless_it_is_switched_on(lightbox: Lightbox) -> None:
    assert post(lightbox, CALL).status_code in (404, 405)


def test_the_example_of_the_readme(server: Lightbox, tmp_path: Path) -> None:
    told = run_example("from mcp import", server, tmp_path)
    assert "'label': '7'" in told
    assert "image/png" in told
