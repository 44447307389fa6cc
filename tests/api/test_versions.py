from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from dashboard.api import datasets, versions
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import LightboxError
from dashboard.core.settings import settings
from tests import archives

BASE = "http://127.0.0.1:8501/datasets"


@pytest.fixture
def client(home: Path, tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(datasets.router)
    app.include_router(versions.router)

    @app.exception_handler(LightboxError)
    def _plain(_request: Request, error: LightboxError) -> JSONResponse:
        return JSONResponse({"error": {"code": error.code, "message": str(error)}}, error.status)

    path = tmp_path / "pets.zip"
    formula = ("=1+1.txt", b"x")
    path.write_bytes(archives.packed([*archives.pets(), formula]))
    import_dataset(path)
    with TestClient(app) as found:
        yield found


def first(client: TestClient) -> str:
    return str(client.get(f"{BASE}/pets/images").json()["images"][0]["id"])


def test_exclude_relabel_restore(client):
    (imported,) = client.get(f"{BASE}/pets/versions").json()
    assert (imported["kind"], imported["current"], imported["images"]) == ("import", True, 8)
    made = client.post(f"{BASE}/pets/exclude", json={"ids": [first(client)], "reason": "dark"})
    assert made.status_code == 201
    assert (made.json()["report"]["kept"], made.json()["parent"]) == (7, imported["version"])
    image = first(client)
    changed = client.post(f"{BASE}/pets/relabel", json={"labels": {image: "dog"}})
    assert changed.status_code == 201
    assert client.get(f"{BASE}/pets/images").json()["images"][0]["labels"] == [1]
    found = client.get(f"{BASE}/pets/versions").json()
    assert [(v["kind"], v["n"], v["reason"]) for v in found] == [
        ("relabel", 1, ""),
        ("exclude", 1, "dark"),
        ("import", 0, ""),
    ]
    back = client.post(f"{BASE}/pets/restore", json={"version": imported["version"]})
    assert (back.status_code, back.json()["version"]) == (200, imported["version"])
    assert client.get(f"{BASE}/pets").json()["report"]["kept"] == 8


def test_a_stale_page_is_told(client):
    seen = client.get(f"{BASE}/pets").json()["version"]
    image = first(client)
    client.post(f"{BASE}/pets/exclude", json={"ids": [image]})
    body = {"ids": [first(client)], "version": seen}
    assert client.post(f"{BASE}/pets/exclude", json=body).status_code == 409


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("exclude", {"ids": []}, 422),
        ("exclude", {"ids": ["nothing"]}, 404),
        ("exclude", {"ids": ["x"], "reason": "x" * 501}, 422),
        ("relabel", {"labels": {"nothing": "cat"}}, 404),
        ("relabel", {"labels": {}}, 422),
        ("restore", {"version": "../pets"}, 404),
    ],
)
def test_refused(client, path, body, status):
    assert client.post(f"{BASE}/pets/{path}", json=body).status_code == status
    assert client.post(f"{BASE}/cats/{path}", json=body).status_code in (404, 422)


def test_demo_changes_nothing(client, monkeypatch):
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    for path, body in (
        ("exclude", {"ids": [first(client)]}),
        ("relabel", {"labels": {first(client): "dog"}}),
        ("restore", {"version": "x"}),
    ):
        assert client.post(f"{BASE}/pets/{path}", json=body).status_code == 403
    assert client.get(f"{BASE}/pets/versions").status_code == 200


def test_dropped_files_are_downloaded(client):
    answer = client.get(f"{BASE}/pets/dropped.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.decode("utf-8-sig").splitlines()[1].startswith('"\'=1+1.txt",')
    import_dataset("digits")
    assert client.get(f"{BASE}/digits/dropped.csv").text.count("\n") == 1


def test_known_data_sets_are_imported_by_name(client, monkeypatch):
    monkeypatch.setattr(datasets, "import_in_child", import_dataset)
    made = client.post(BASE, data={"source": "digits-multi"})
    assert (made.status_code, made.json()["task"]) == (201, "multi_label")
    for source in ("", "/etc", "./digits", "nothing"):
        refused = client.post(BASE, data={"source": source})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "no_source")
