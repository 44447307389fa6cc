"""What changes several times a second while a run trains: the browser asks for it and draws it.

Drawn by a rerun of the page, twice a second, it took a browser a quarter of a core, and the
training as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from dashboard.core.runs.tracking import Run
from dashboard.core.settings import REPOSITORY
from dashboard.ui.run_progress import POSITION, STAGE
from dashboard.ui.text import language, t

_FOLDER = REPOSITORY / "assets" / "live"
_component = st.components.v2.component(
    "lightbox.live",
    css=(_FOLDER / "live.css").read_text(encoding="utf-8"),
    js="".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("chart.js", "live.js")),
)


@dataclass(frozen=True)
class LiveChart:
    """One chart of a run.

    Attributes:
        key: The metric it shows.
        title: Its name.
        x_title: What runs along its horizontal axis.
        lines: Of `batches`, `smoothed` and `epochs`, those it draws.
        against: The metric on the horizontal axis, by powers of ten; none: the batch.
        mark: A place on the horizontal axis and what is written beside it.
    """

    key: str
    title: str
    x_title: str
    lines: tuple[str, ...] = ("batches", "smoothed", "epochs")
    against: str | None = None
    mark: tuple[float, str] | None = None


def live_view(run: Run, revision: str, charts: Sequence[LiveChart], progress: bool = True) -> None:
    """Draw charts of an active run that follow it, and reruns the fragment around them.

    Args:
        run: Which run.
        revision: What the page shows of it, see `core.runs.live.revision`; when there is more, the
            fragment is run again.
        charts: What to draw.
        progress: Whether to draw how far it is too; only then is the fragment run again.
    """
    data = {
        "url": f"/api/v1/runs/{run.id}/live",
        "lang": language(),
        "revision": revision,
        "charts": [asdict(chart) for chart in charts],
        "texts": _texts(),
        "stages": {stage: t(name) for stage, name in STAGE.items()} if progress else None,
    }
    key = "live" if progress else f"live-{charts[0].key}"
    _component(key=key, data=data, on_changed_change=lambda: None)


def _texts() -> dict[str, str]:
    return {
        "position": t(POSITION),
        "time_left": t("Time left"),
        "loss": t("Loss"),
        "speed": t("Images per second"),
        "memory": t("Memory"),
        "gpu_memory": t("GPU memory"),
        "batches": t("each batch"),
        "smoothed": t("smoothed"),
        "epochs": t("validation"),
        "batch": t("batch"),
        "lost": t("Lightbox does not answer; asking again …"),
    }
