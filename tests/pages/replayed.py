"""A run to replay, and what its page shows at a batch."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import SelectSlider

from dashboard.core.data.store import get_dataset
from dashboard.core.runs import tracking
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe
from tests.recorded import EPOCHS, PER_EPOCH, note_result, record

LAST = EPOCHS * PER_EPOCH


def recorded_run(status: tracking.Status = "FINISHED", **fields: Any) -> str:
    run_id = submit(parse_recipe({"epochs": EPOCHS, **fields}), status="RUNNING")
    note_result(run_id)
    record(run_id, *pinned(), status=status)
    return run_id


def pinned() -> tuple[list[str], np.ndarray, int]:
    """Ids and classes of four images, and how many classes there are."""
    dataset = get_dataset("digits")
    rows = dataset.rows("val").head(4)
    targets = np.array([labels[0] for labels in rows["labels"]])
    return rows["id"].tolist(), targets, len(dataset.classes)


def drawn(test: AppTest, key: str) -> dict[str, Any]:
    """The chart that is on top."""
    found = {
        int(match[1]): chart.proto
        for chart in test.get("plotly_chart")
        if (match := re.search(rf"-{key}-(\d+)$", chart.proto.id))
    }
    return json.loads(found[max(found)].spec)


def figure(test: AppTest, key: str) -> list[dict[str, Any]]:
    return drawn(test, key)["data"]


def steps(test: AppTest, key: str) -> list[list[int]]:
    """Where each curve of a chart has points."""
    return [[step for step in trace["x"] if step is not None] for trace in figure(test, key)]


def matrix(test: AppTest) -> np.ndarray:
    coded = figure(test, "confusion")[0]["z"]
    values = np.frombuffer(base64.b64decode(coded["bdata"]), coded["dtype"])
    return values.reshape([int(n) for n in coded["shape"].split(",")])


def answers(test: AppTest) -> list[str]:
    found = [item.value for item in test.caption if re.match(r":material|–", item.value)]
    return [text.split()[-1] for text in found]


def pictures(test: AppTest) -> list[str]:
    return [item.proto.body for item in test.get("html") if "<img" in item.proto.body]


def figures(test: AppTest) -> dict[str, str]:
    return {item.label: item.value for item in test.metric}


def notes(test: AppTest) -> list[str]:
    return [item.value for item in test.warning]


def slider(test: AppTest) -> SelectSlider:
    return next(item for item in test.select_slider if item.key.startswith("replay-"))


def text(test: AppTest) -> str:
    return next(item.value for item in test.caption if item.value.startswith("epoch "))
