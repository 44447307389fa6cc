"""In a demo, neither a script nor a second person's browser changes anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import contract
from tests.server import Lightbox

VISITORS = {"/v1/classify", "/v1/classify/batch"}
"""What a demo is for. Everything else that is no reading has to be refused."""

STATE = ("datasets", "datasets/digits/versions", "models", "runs", "sweeps")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lightbox]:
    home = tmp_path_factory.mktemp("demo") / "home"
    variables = {"LIGHTBOX_RATE": "0", "LIGHTBOX_TOKEN": "secret"}
    server = Lightbox(home, options=("--demo",), variables=variables)
    with server.running():
        yield server


def state(demo: Lightbox) -> tuple[set[str], list[Any]]:
    """The files at rest and what the lists show."""
    urls = [f"{demo.url}/api/v1/{path}" for path in STATE]
    return demo.kept(), [httpx.get(url, timeout=30).json() for url in urls]


def filled(path: str, image: str) -> str:
    """A route with names that exist, where there are any."""
    known = {"name": "digits", "image_id": image, "run_id": "0" * 32, "sweep_id": "x"}
    return "/api" + re.sub("{(.*?)}", lambda gap: known[gap[1]], path)


BODIES: list[dict[str, Any]] = [
    {},
    {"json": {"network": "doc-001", "epochs": 1, "ids": ["x"], "name": "mine", "reason": "x"}},
    {"files": {"archive": ("a.zip", b"x"), "image": ("7.png", contract.GOOD), "model": b"x"},
     "data": {"name": "mine", "label": "7", "consent": "true"}},
]  # fmt: skip


def test_every_route_that_changes_something_is_refused(demo: Lightbox) -> None:
    url = f"{demo.url}/api/v1/datasets/digits/images"
    image = httpx.get(url, params={"limit": 1}, timeout=30).json()["images"][0]["id"]
    people: list[dict[str, str]] = [
        {},  # a script
        {"authorization": "Bearer secret"},  # one that has found the token
        {"origin": demo.url, "cookie": "a=b", "x-forwarded-for": "203.0.113.9"},  # a browser
    ]
    before = state(demo)
    routes = httpx.get(f"{demo.url}/api/openapi.json", timeout=30).json()["paths"]
    changing = [
        (method, path)
        for path, operations in routes.items()
        for method in operations
        if method != "get" and path not in VISITORS
    ]
    assert len(changing) >= 15
    for method, path in changing:
        for headers in people:
            for body in BODIES:
                where = demo.url + filled(path, image)
                answer = httpx.request(method, where, headers=headers, timeout=30, **body)
                assert answer.status_code == 403, (method, path)
                assert answer.json()["error"]["code"] in ("demo", "feedback_off")
    assert state(demo) == before


def test_it_can_be_read_and_asked(demo: Lightbox) -> None:
    before = state(demo)
    files = {"image": ("7.png", contract.GOOD)}
    answer = httpx.post(f"{demo.url}/api/v1/classify", files=files, timeout=30)
    assert answer.json()["predictions"][0]["label"] == "7"
    assert state(demo) == before
