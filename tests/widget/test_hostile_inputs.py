"""What a client may send to the widget instead of an upload (BAD_INPUT.md, rows R1, R2, R11)."""

from __future__ import annotations

import secrets
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.core.settings import Settings
from tests import contract
from tests.server import HTTP, Lightbox
from tests.widget.client import ask, events, image, send, upload

NOT_HERE = "The picture is no longer here. Upload it again."
NO_ADDRESSES = "Addresses are not opened here. Upload the picture itself."


@pytest.fixture
def canary() -> Iterator[tuple[int, list[str]]]:
    """A port that nobody may call, and who did."""
    callers: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                callers.append(str(address))
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], callers
        server.shutdown(socket.SHUT_RDWR)


def uploads(lightbox: Lightbox) -> set[Path]:
    temporary = Settings.from_environment({"LIGHTBOX_HOME": str(lightbox.home)}).temporary
    return {path for path in temporary.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:{port}/x.png", "http://localhost:{port}/", "http://0x7f000001:{port}/a",
     "https://127.0.0.1:{port}/x.png", "http://[::ffff:127.0.0.1]:{port}/x",
     "http://169.254.169.254/latest/meta-data/", "http://100.100.100.200/", "http://example.com/"],
)  # fmt: skip
def test_addresses_are_not_opened(
    lightbox: Lightbox, canary: tuple[int, list[str]], address: str
) -> None:
    port, callers = canary
    value = image(address.format(port=port))
    before = uploads(lightbox)
    assert ask(lightbox, value, "digits", False).error == NO_ADDRESSES
    assert ask(lightbox, None, value, False).error == NO_ADDRESSES  # by way of another input
    assert ask(lightbox, None, "digits", value).error == NO_ADDRESSES
    without_mark = {key: value[key] for key in value if key != "meta"}
    assert ask(lightbox, without_mark, "digits", False).error == NOT_HERE
    for path in (f"file={value['path']}", f"file/{value['path']}", f"proxy={value['path']}"):
        assert HTTP.get(f"{lightbox.url}/classify/gradio_api/{path}").status_code == 404
        assert HTTP.get(f"{lightbox.url}/classify/zh/gradio_api/{path}").status_code == 404
    assert callers == []
    assert uploads(lightbox) == before


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "HTTP://127.0.0.1/x", "data:,A"]
)
def test_other_schemes_are_no_uploads(lightbox: Lightbox, address: str) -> None:
    assert ask(lightbox, image(address), "digits", False).error == NOT_HERE


@pytest.mark.parametrize("n", [5000, 2_000_000])
def test_a_path_longer_than_any_is_refused(lightbox: Lightbox, n: int) -> None:
    told = ask(lightbox, image("data:image/png;base64," + "A" * n), "digits", False)
    assert told.error is not None  # Gradio's own failure, without a sentence


def test_an_address_beside_no_path_is_not_opened(
    lightbox: Lightbox, canary: tuple[int, list[str]]
) -> None:
    value = {**image(""), "path": None, "url": f"http://127.0.0.1:{canary[0]}/x.png"}
    told = ask(lightbox, value, "digits", False)
    assert (told.error, told.label, canary[1]) == (None, {}, [])


def test_files_of_this_machine_are_not_opened(lightbox: Lightbox) -> None:
    (path,) = upload(lightbox, "a.png", contract.GOOD).json()
    secret = lightbox.home / "secret.png"
    secret.write_bytes(contract.GOOD)  # a picture, so that only the path is wrong
    tricks = [
        "/etc/hostname", "/proc/self/environ", str(lightbox.home / "mlflow.db"), str(secret),
        f"{Path(path).parent}/../../../../../../..{secret}", f"{path}\0", f"{path}/x",
        "assets/examples/7.png", ".", "..", "~/.ssh/id_rsa",
    ]  # fmt: skip
    before = uploads(lightbox)
    for trick in tricks:
        for value in (image(trick), {"path": trick}):
            assert ask(lightbox, value, "digits", False).error == NOT_HERE, trick
        assert not ask(lightbox, None, image(trick), False).label, trick
    assert uploads(lightbox) == before
    assert ask(lightbox, image(path), "digits", False).label
    secret.unlink()


def test_no_input_of_any_event_takes_files_or_addresses(
    lightbox: Lightbox, canary: tuple[int, list[str]]
) -> None:
    """Whatever is added to the page, as an input or an output, keeps the guarantee."""
    secret = lightbox.home / "secret.png"
    secret.write_bytes(contract.GOOD)
    before = uploads(lightbox)
    address = f"http://127.0.0.1:{canary[0]}/x.png"
    for event in events(lightbox):
        n = len(event["inputs"])
        for place in range(n):
            for value in (image(str(secret)), {"path": str(secret)}, image(address)):
                data = [value if number == place else None for number in range(n)]
                send(lightbox, event["id"], data)
    assert (uploads(lightbox), canary[1]) == (before, [])
    secret.unlink()


def test_the_browser_is_served_no_files_of_this_machine(lightbox: Lightbox) -> None:
    secret = lightbox.home / "secret.png"
    secret.write_bytes(contract.GOOD)
    for path in (secret, "/etc/hostname", lightbox.home / "mlflow.db"):
        for page in ("/classify", "/classify/zh"):
            answer = HTTP.get(f"{lightbox.url}{page}/gradio_api/file={path}")
            assert answer.status_code in (403, 404), path
    secret.unlink()


def test_after_an_example_uploads_are_still_handed_over_unopened(lightbox: Lightbox) -> None:
    """An event that answers with an update for the image puts Gradio's own, which opens them."""
    session = secrets.token_hex(8)
    picked = send(lightbox, "example-digits", [3], session=session)
    path, model, others = picked.data
    assert (Path(path["path"]).name, model, others) == ("7.png", "digits", [])
    assert ask(lightbox, path, model, session=session).label["label"] == "7"
    (broken,) = upload(lightbox, "a.png", b"this is not a picture").json()
    told = ask(lightbox, image(broken), "digits", session=session)
    assert "not a picture that can be read" in (told.error or "")
    assert send(lightbox, "example-digits", [99], session=session).error == NOT_HERE


def test_in_chinese(lightbox: Lightbox) -> None:
    told = ask(lightbox, image("/etc/hostname"), "digits", False, page="/classify/zh")
    assert told.error == "图片已经不在了。请重新上传。"


@pytest.mark.parametrize("model", ["../x", ["a"], {"a": 1}, "x" * 100_000, 5, True, "\0", "a&b=c"])
def test_a_model_that_is_none_is_one_sentence(lightbox: Lightbox, model: Any) -> None:
    (path,) = upload(lightbox, "a.png", contract.GOOD).json()
    told = ask(lightbox, image(path), model, False)
    assert (told.error or "").startswith("There is no model “")
    contract.check_sentence(told.error or "")


def test_a_file_that_has_been_removed_is_one_sentence(lightbox: Lightbox) -> None:
    (path,) = upload(lightbox, "a.png", contract.GOOD).json()
    Path(path).unlink()
    assert ask(lightbox, image(path), "digits", False).error == NOT_HERE


def test_uploads_are_for_us_alone(lightbox: Lightbox) -> None:
    (path,) = upload(lightbox, "a.png", contract.GOOD).json()
    temporary = Settings.from_environment({"LIGHTBOX_HOME": str(lightbox.home)}).temporary
    assert Path(path).is_relative_to(temporary)
    assert stat.S_IMODE(temporary.stat().st_mode) == 0o700


def test_uploads_are_gone_at_the_end(tmp_path: Path) -> None:
    server = Lightbox(tmp_path / "home")
    server.start()
    server.wait_ready()
    (path,) = upload(server, "a.png", contract.GOOD).json()
    assert Path(path).is_file()
    server.stop()
    kept = {path.name for path in uploads(server)}
    assert kept <= {"engine.lock", "in-work", "judged.json"}  # of the engine; hashes, no pictures


@pytest.mark.parametrize(
    "path",
    ["monitoring", "monitoring/summary", "MONITORING", "gradio_api/deep_link?session_hash=x",
     "gradio_api/vibe-code", "gradio_api/vibe-starter-queries", "gradio_api/component_server",
     "gradio_api/process_recording", "zh/monitoring", "zh/gradio_api/vibe-code"],
)  # fmt: skip
def test_what_the_widget_does_not_need_is_closed(lightbox: Lightbox, path: str) -> None:
    for method in ("GET", "POST"):
        assert HTTP.request(method, f"{lightbox.url}/classify/{path}").status_code == 404


def test_there_is_no_way_round_the_queue(lightbox: Lightbox) -> None:
    for name in ("run", "api"):
        answer = HTTP.post(f"{lightbox.url}/classify/gradio_api/{name}/classify", json={"data": []})
        assert answer.status_code == 404


def test_guessed_sessions_and_events_tell_nothing(lightbox: Lightbox) -> None:
    root = f"{lightbox.url}/classify/gradio_api"
    (path,) = upload(lightbox, "a.png", contract.GOOD).json()
    query = {"session_hash": secrets.token_hex(8)}
    with pytest.raises(httpx.RemoteProtocolError):  # Gradio hangs up on it
        HTTP.get(f"{root}/queue/data", params=query)
    body = {"session_hash": "guess", "fn_index": 0, "event_id": "guess"}
    assert HTTP.post(f"{root}/cancel", json=body).status_code in (200, 404)
    assert ask(lightbox, image(path), "digits", False).label
