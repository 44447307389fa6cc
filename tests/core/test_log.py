import io
import json
import logging
import subprocess
import sys

import pytest

from dashboard.core.log import JsonLines, begin_request, report, request_id
from dashboard.core.settings import REPOSITORY


@pytest.fixture
def logger() -> tuple[logging.Logger, io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines("web"))
    found = logging.Logger("lightbox")
    found.addHandler(handler)
    return found, written


def lines(written: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_one_event_is_one_line_whatever_is_in_it(
    logger: tuple[logging.Logger, io.StringIO],
) -> None:
    log, written = logger
    log.warning("a\nb \x1b[2J \u202e %s", "ü", extra={"fields": {"ms": 7}})
    assert written.getvalue().isascii()
    (line,) = lines(written)
    assert line["event"] == "a\nb \x1b[2J \u202e ü"
    assert (line["ms"], line["level"], line["process"]) == (7, "WARNING", "web")
    assert "request" not in line


def test_what_fails_is_found_by_the_reference_shown(
    logger: tuple[logging.Logger, io.StringIO],
) -> None:
    log, written = logger
    outside = report(log, "page failed", ValueError("why"))
    begun = begin_request()
    try:
        inside = report(log, "request failed", ValueError("why"))
    finally:
        request_id.set("")
    assert inside == begun
    assert [line["request"] for line in lines(written)] == [outside, begun]
    assert all("ValueError: why" in line["trace"] for line in lines(written))


def test_what_python_warns_of_is_a_line_too() -> None:
    code = (
        "import warnings; from dashboard.core.log import log_json;"
        "log_json('engine'); warnings.warn('old\\nway')"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    (line,) = map(json.loads, done.stderr.splitlines())
    assert "UserWarning: old\nway" in line["event"]
    assert (line["level"], line["source"]) == ("WARNING", "py.warnings")
