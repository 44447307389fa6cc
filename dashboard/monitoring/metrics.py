"""The figures of this process, and those it asks for when somebody reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psutil
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from streamlit.runtime import Runtime, exists
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY

from dashboard.core.errors import LightboxError
from dashboard.core.runs import tracking
from dashboard.core.serving.client import engine
from dashboard.core.serving.figures import Figures

REGISTRY = CollectorRegistry()

REQUESTS = Counter(
    "lightbox_requests",
    "HTTP requests by method, template of the address and status",
    ("method", "route", "status"),
    registry=REGISTRY,
)
SECONDS = Histogram(
    "lightbox_request_seconds",
    "From the head of a request to the end of its answer",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
    registry=REGISTRY,
)


class Asked(Collector):
    """What is known elsewhere: in the engine, among the runs, in Streamlit."""

    def collect(self) -> Iterator[Metric]:
        """Ask, and yield what is known."""
        figures = engine().figures()
        yield _gauge("lightbox_engine_up", "Whether the engine answers", int(figures is not None))
        memory = {"web": psutil.Process(os.getpid()).memory_info().rss}
        if figures:
            memory["engine"] = figures.memory_bytes
            yield from _of_engine(figures)
        yield _by("process", "lightbox_memory_bytes", "Resident memory", memory)
        if exists():
            yield _gauge("lightbox_sessions", "Pages that are open", _sessions())
        try:
            running = len(tracking.list_runs(("RUNNING",)))
        except LightboxError:  # the store is locked or gone: the other figures count all the more
            return
        yield _gauge("lightbox_runs_running", "Training runs under way", running)


REGISTRY.register(Asked())


def _of_engine(figures: Figures) -> Iterator[Metric]:
    yield _by("queue", "lightbox_engine_held", "Questions that work or wait", figures.held)
    refused = CounterMetricFamily(
        "lightbox_engine_refused", "Questions refused because a queue was full", labels=("queue",)
    )
    for queue, n in figures.refused.items():
        refused.add_metric((queue,), n)
    yield refused
    yield _by("model", "lightbox_model_bytes", "Weights of the models in memory", figures.models)


def _by(label: str, name: str, help_text: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value)


def _sessions() -> int:
    stats = Runtime.instance().stats_mgr.get_stats(family_names=[ACTIVE_SESSIONS_FAMILY])
    return sum(stat.value for stat in stats.get(ACTIVE_SESSIONS_FAMILY, ()))  # type: ignore[attr-defined]
