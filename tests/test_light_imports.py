"""What the web process must never import, seen from a fresh process."""

from __future__ import annotations

import subprocess
import sys

from dashboard.core.settings import REPOSITORY


def test_web_runs_without_tensorflow() -> None:
    """Nor with what agents need, where they are not let in."""
    script = (
        "import sys\n"
        "import dashboard.app\n"
        "app = dashboard.app.create_app()\n"
        "from contextlib import ExitStack\n"
        "with ExitStack() as stack:\n"
        "    dashboard.app._build_widget(stack)\n"
        "import dashboard.ui.recipe_form, dashboard.ui.run_view, dashboard.ui.explanation\n"
        "import dashboard.ui.augment_view, dashboard.ui.preprocess_view\n"
        "import dashboard.ui.browse_view, dashboard.ui.statistics_view, dashboard.ui.map_view\n"
        "import dashboard.ui.layer_editor, dashboard.ui.network_table, dashboard.ui.compare_view\n"
        "import dashboard.ui.model_import_form, dashboard.ui.model_card\n"
        "import dashboard.ui.sweep_form, dashboard.ui.sweep_view\n"
        "heavy = {'tensorflow', 'keras', 'openvino', 'sklearn', 'scipy', 'h5py', 'mcp'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, cwd=REPOSITORY)
