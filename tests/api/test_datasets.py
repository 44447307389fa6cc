from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect

from dashboard.api import datasets
from dashboard.core.data import child
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import LightboxError
from dashboard.core.settings import settings
from tests import archives, corpus

BASE = "http://127.0.0.1:8501/datasets"


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(datasets.router)

    @app.exception_handler(LightboxError)
    def _plain(_request: Request, error: LightboxError) -> JSONResponse:
        return JSONResponse({"error": {"code": error.code, "message": str(error)}}, error.status)

    with TestClient(app) as found:
        yield found


@pytest.fixture
def pets(home: Path, tmp_path: Path):
    photo = corpus.saved(corpus.smooth(400, 200), "JPEG")
    path = tmp_path / "pets.zip"
    path.write_bytes(archives.packed([*archives.pets(), ("cat/x.jpg", photo), ("cat/a.txt", b"x")]))
    return import_dataset(path)


def upload(client: TestClient, content: bytes, file: str = "My pets.zip", **fields: str):
    return client.post(BASE, files={"archive": (file, content)}, data=fields)


def test_list_and_detail(client, pets):
    (item,) = client.get(BASE).json()
    assert (item["name"], item["version"], item["classes"]) == (
        "pets",
        pets.version,
        ["cat", "dog"],
    )
    detail = client.get(f"{BASE}/pets").json()
    assert sum(map(sum, detail["counts"].values())) == detail["report"]["kept"] == 9
    assert detail["report"]["dropped"][0]["file"] == "cat/a.txt"
    assert "Files left out: 1 of 10." in [note["message"] for note in detail["report"]["notes"]]


def test_pages(client, pets):
    everything = client.get(f"{BASE}/pets/images").json()
    assert everything["total"] == len(everything["images"]) == 9
    part = client.get(f"{BASE}/pets/images", params={"offset": 2, "limit": 3}).json()
    assert part["images"] == everything["images"][2:5]
    dogs = client.get(f"{BASE}/pets/images", params={"class": "dog", "split": "train"}).json()
    assert {image["labels"][0] for image in dogs["images"]} == {1}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cats", 404),
        ("/%2e%2e", 404),
        ("/pets?v=../x", 404),
        ("/pets/images?class=cow", 404),
        ("/pets/images?split=all", 422),
        ("/pets/images?limit=100000", 422),
        ("/pets/images?offset=-1", 422),
        ("/pets/images/nothing", 404),
        ("/pets/images/..%2f..%2fdataset.json", 404),
    ],
)
def test_wrong_addresses(client, pets, path, status):
    assert client.get(BASE + path).status_code == status


def test_images_are_served_as_what_they_are(client, pets):
    row = pets.index[pets.index["source"] == "cat/x.jpg"].iloc[0]
    address = f"{BASE}/pets/images/{row['id']}"
    image, thumb = client.get(address), client.get(f"{address}/thumb?v={pets.version}")
    assert image.content == pets.image_path(row["id"]).read_bytes()
    assert image.headers["content-type"] == thumb.headers["content-type"] == "image/jpeg"
    assert image.headers["x-content-type-options"] == "nosniff"
    assert image.headers["cache-control"] == "no-cache"
    assert "immutable" in thumb.headers["cache-control"]
    assert len(thumb.content) < len(image.content)


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import in this process: what the child does is tested beside the command line."""
    monkeypatch.setattr(datasets, "import_in_child", import_dataset)


@pytest.mark.usefixtures("direct")
def test_upload(client, home):
    answer = upload(client, archives.packed(archives.pets()))
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["report"]["kept"]) == ("My-pets", 8)
    assert upload(client, archives.packed(archives.pets()), name="猫狗").json()["name"] == "猫狗"
    assert sorted(path.name for path in home.iterdir()) == ["datasets"]


@pytest.mark.usefixtures("direct")
def test_refused_uploads(client, home, monkeypatch):
    assert upload(client, b"hello").json()["error"]["code"] == "not_an_archive"
    assert upload(client, archives.packed(archives.pets()), name="../x").status_code == 422
    assert client.get(BASE).json() == []
    foreign = client.post(BASE, files={"archive": b"x"}, headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    assert upload(client, archives.packed(archives.pets())).status_code == 403


def test_an_upload_that_breaks_off_leaves_nothing(client, home):  # Z26
    content = archives.packed(archives.pets())
    head = b'--x\r\nContent-Disposition: form-data; name="archive"; filename="a.zip"\r\n\r\n'
    messages = [
        {"type": "http.request", "body": head + content[: len(content) // 2], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[dict[str, object]] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/datasets",
        "raw_path": b"/datasets",
        "query_string": b"",
        "headers": [(b"content-type", b"multipart/form-data; boundary=x"), (b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8501),
        "scheme": "http",
        "http_version": "1.1",
    }

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    with contextlib.suppress(ClientDisconnect):
        asyncio.run(client.app(scope, receive, send))
    assert not any(message.get("status") == 201 for message in sent)
    assert not list(home.rglob("*"))
    assert client.get(BASE).json() == []


def test_upload_is_limited_while_it_is_read(client, monkeypatch):
    monkeypatch.setattr("dashboard.api.uploads.MAX_OVERHEAD_BYTES", -(200 * 10**6) + 1000)
    assert upload(client, bytes(5000)).status_code == 413


def test_a_child_that_dies_is_told(client, monkeypatch):
    class Died(child.subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, _command, **options):
            super().__init__([sys.executable, "-c", "import os; os.abort()"], **options)

    monkeypatch.setattr(child.subprocess, "Popen", Died)
    answer = upload(client, archives.packed(archives.pets()))
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "import_died")


def test_upload_through_the_command_line(client):
    answer = upload(client, archives.packed(archives.pets()))
    assert answer.status_code == 201, answer.text
    assert upload(client, b"PK hello").json()["error"]["code"] == "broken_archive"
