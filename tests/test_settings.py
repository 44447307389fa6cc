"""What the environment may say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.core.errors import InvalidInput
from dashboard.core.settings import REPOSITORY, Settings, settings

read = Settings.from_environment


def test_nothing_set_is_a_lightbox_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = read({})
    assert found.home == tmp_path / ".lightbox"
    assert (found.host, found.port, found.loopback) == ("127.0.0.1", 8501, True)
    assert (found.demo, found.token, found.max_running) == (False, "", 1)
    assert found.tracking_uri == f"sqlite:///{tmp_path}/.lightbox/mlflow.db"
    assert not found.home.exists()  # reading makes nothing


def test_an_empty_value_is_none_at_all() -> None:
    keys = ("LIGHTBOX_HOME", "LIGHTBOX_HOST", "PORT", "LIGHTBOX_DEMO", "LIGHTBOX_TOKEN")
    keys += ("MLFLOW_TRACKING_URI", "LIGHTBOX_MAX_RUNNING", "LIGHTBOX_MAX_MODELS")
    keys += ("LIGHTBOX_MODEL_MEMORY_MB", "LIGHTBOX_FAST", "LIGHTBOX_MAX_BATCH")
    keys += ("LIGHTBOX_BATCH_WAIT_MS", "LIGHTBOX_ORIGINS", "LIGHTBOX_PROXIES", "LIGHTBOX_RATE")
    keys += ("LIGHTBOX_BURST", "LIGHTBOX_CONCURRENT", "LIGHTBOX_CLIENT_MB")
    keys += ("LIGHTBOX_MAX_SESSIONS", "LIGHTBOX_UPLOAD_MB", "LIGHTBOX_EDITORS", "LIGHTBOX_MCP")
    assert read(dict.fromkeys(keys, "")) == read({})


def test_everything_set(tmp_path: Path) -> None:
    found = read(
        {
            "LIGHTBOX_HOME": str(tmp_path / "a" / ".." / "home"),
            "LIGHTBOX_HOST": "0.0.0.0",
            "PORT": "65535",
            "LIGHTBOX_DEMO": "1",
            "LIGHTBOX_TOKEN": "secret",
            "MLFLOW_TRACKING_URI": "http://tracking:5000",
            "LIGHTBOX_MAX_RUNNING": "64",
            "LIGHTBOX_MAX_MODELS": "9",
            "LIGHTBOX_MODEL_MEMORY_MB": "200",
            "LIGHTBOX_FAST": "1",
            "LIGHTBOX_MAX_BATCH": "16",
            "LIGHTBOX_BATCH_WAIT_MS": "5",
            "LIGHTBOX_ORIGINS": "https://Demo.example.org/, http://other:8080",
            "LIGHTBOX_PROXIES": "10.0.0.0/8, 2001:db8::1",
            "LIGHTBOX_EDITORS": "Ada@example.org, grace@example.org",
            "LIGHTBOX_RATE": "2",
            "LIGHTBOX_BURST": "9",
            "LIGHTBOX_CONCURRENT": "3",
            "LIGHTBOX_CLIENT_MB": "50",
            "LIGHTBOX_MAX_SESSIONS": "7",
            "LIGHTBOX_UPLOAD_MB": "300",
        }
    )
    home = tmp_path / "home"
    places = (home, "0.0.0.0", 65535, True, "secret", "http://tracking:5000")
    assert found == Settings(
        *places, 64, 9, 200, True, 16, 5, False,
        origins=("https://demo.example.org", "http://other:8080"),
        proxies=("10.0.0.0/8", "2001:db8::1"),
        editors=("ada@example.org", "grace@example.org"),
        rate=2, burst=9, concurrent=3, client_mb=50, max_sessions=7, upload_mb=300,
    )  # fmt: skip
    assert (found.datasets, found.models, found.runs) == (
        home / "datasets",
        home / "models",
        home / "runs",
    )
    assert found.shipped_models == REPOSITORY / "models"


@pytest.mark.parametrize(
    ("demo", "feedback", "on"),
    [("", "", True), ("1", "", False), ("1", "1", True), ("", "0", False)],
)
def test_a_demo_takes_feedback_only_where_it_is_said(demo: str, feedback: str, on: bool) -> None:
    assert read({"LIGHTBOX_DEMO": demo, "LIGHTBOX_FEEDBACK": feedback}).feedback is on


def test_agents_are_let_in_only_where_it_is_said() -> None:
    assert not read({}).mcp
    assert read({"LIGHTBOX_MCP": "on"}).mcp


def test_the_home_may_begin_with_a_tilde() -> None:
    assert read({"LIGHTBOX_HOME": "~/x"}).home == Path.home().resolve() / "x"


@pytest.mark.parametrize(
    ("key", "values", "words"),
    [
        ("PORT", ("0", "65536", "-1", "80.5", "http", " 80", "1e3", "9" * 5000), "from 1 to 65535"),
        ("LIGHTBOX_MAX_RUNNING", ("0", "65", "many"), "from 1 to 64"),
        ("LIGHTBOX_MAX_MODELS", ("0", "1001"), "from 1 to 1000"),
        ("LIGHTBOX_MODEL_MEMORY_MB", ("0", "1e3"), "from 1 to 1000000"),
        ("LIGHTBOX_MAX_BATCH", ("-1", "65"), "from 0 to 64"),
        ("LIGHTBOX_BATCH_WAIT_MS", ("-1", "1001"), "from 0 to 1000"),
        ("LIGHTBOX_EDITORS", ("ada", "ada@", "a b@example.org", "*"), "ada@example.org"),
        ("LIGHTBOX_ORIGINS", ("demo.example.org", "ftp://x", "https://x/y", "*"), "https://demo"),
        ("LIGHTBOX_PROXIES", ("*", "proxy", "10.0.0.1/8"), "10.0.0.0/8"),
        ("LIGHTBOX_RATE", ("-1", "0.5"), "from 0 to 10000"),
        ("LIGHTBOX_BURST", ("0",), "from 1 to 100000"),
        ("LIGHTBOX_CONCURRENT", ("0",), "from 1 to 10000"),
        ("LIGHTBOX_CLIENT_MB", ("0",), "from 1 to 1000000"),
        ("LIGHTBOX_MAX_SESSIONS", ("0",), "from 1 to 100000"),
        ("LIGHTBOX_UPLOAD_MB", ("0",), "from 1 to 1000000"),
        ("LIGHTBOX_FAST", ("maybe",), "1, true, yes, on, 0, false, no, off"),
        ("LIGHTBOX_DEMO", ("maybe", "2", "oui"), "1, true, yes, on, 0, false, no, off"),
    ],
)
def test_a_value_that_does_not_fit_names_its_key_and_what_does(
    key: str, values: tuple[str, ...], words: str
) -> None:
    for value in values:
        with pytest.raises(InvalidInput) as caught:
            read({key: value})
        assert caught.value.code == "invalid_setting"
        assert key in str(caught.value)
        assert words in str(caught.value)
        assert value[:40] in str(caught.value)
        assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "on", "On"])
def test_demo_on(value: str) -> None:
    assert read({"LIGHTBOX_DEMO": value}).demo


@pytest.mark.parametrize("value", ["0", "false", "No", "off"])
def test_demo_off(value: str) -> None:
    assert not read({"LIGHTBOX_DEMO": value}).demo


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.7", False),
    ],
)
def test_who_can_reach_the_port(host: str, loopback: bool) -> None:
    assert read({"LIGHTBOX_HOST": host}).loopback == loopback


def test_the_engines_socket_fits_whatever_the_home(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-long-name-of-a-folder"] * 10)
    first, second = (read({"LIGHTBOX_HOME": str(deep / name)}).engine_socket for name in "xy")
    assert len(str(first).encode()) <= 107
    assert first != second


def test_settings_are_read_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().home == home
    monkeypatch.setenv("LIGHTBOX_HOME", str(home / "other"))
    assert settings().home == home
