import subprocess
import sys

import pytest

from dashboard.core.settings import REPOSITORY

HEAVY = {"tensorflow", "keras", "openvino", "scipy"}


@pytest.mark.parametrize(
    "modules",
    [
        "dashboard.core.serving.server",
        "dashboard.core.serving.client, dashboard.core.serving.process",
        "dashboard.core.models.store, dashboard.core.models.export",
        "dashboard.core.explain.catalog, dashboard.core.explain.overlay",
        "dashboard.api.classify, dashboard.api.models",
    ],
)
def test_importing_stays_light(modules: str) -> None:
    assert _run(f"import sys, {modules}; print(*({HEAVY!r} & sys.modules.keys()))") == ""


def test_openvino_reports_to_nobody() -> None:
    check = (
        "import sys; from dashboard.core.models.runtime import openvino; openvino();"
        "print(*(name for name in sys.modules if name.startswith('openvino_telemetry.')))"
    )
    assert _run(check) == ""


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
