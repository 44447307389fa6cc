"""Every page in every state, through Streamlit's own test runner."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.models.card import load_card, save_card
from dashboard.core.models.store import get_model, publish
from dashboard.core.runs import tracking
from dashboard.core.settings import settings
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe
from tests.pages.conftest import open_page

PAGES = {"home": "Lightbox", "explore": "Explore", "train": "Train", "explain": "Explain",
         "classify": "Classify"}  # fmt: skip


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_with_nothing_to_show_says_what_to_do(name: str) -> None:
    test = open_page(name)
    assert test.title[0].value == PAGES[name]
    assert not test.error
    if name != "home":
        assert len(test.info) == 1


@pytest.mark.usefixtures("running_engine")
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_there_is(name: str, language: str) -> None:
    test = open_page(name, lang=language)
    assert not test.error
    assert len(test.info) == (name == "train")  # there is no run yet
    assert (test.title[0].value == PAGES[name]) == (language == "en" or name == "home")


@pytest.mark.usefixtures("full")
def test_start_queues_a_run_and_shows_it() -> None:
    test = open_page("train")
    before = len(tracking.list_runs())
    next(button for button in test.button if button.label == "Start").click().run()
    runs = tracking.list_runs()
    assert len(runs) == before + 1
    assert test.query_params["run"] == runs[0].id
    assert test.subheader[0].value == r"digits · residual"
    assert runs[0].status == "SCHEDULED"
    tracking.set_status(runs[0].id, "KILLED")


@pytest.mark.usefixtures("full")
def test_a_failed_run_shows_its_reason() -> None:
    from dashboard.core.errors import InvalidInput

    run_id = submit(Recipe())
    tracking.set_status(run_id, "FAILED", InvalidInput("It is {adjective}.", adjective="broken"))
    test = open_page("train", run=run_id)
    assert [error.value for error in test.error] == [r"It is broken\."]


@pytest.mark.usefixtures("full")
def test_a_card_shows_how_its_model_learned_and_what_it_confuses() -> None:
    shipped = get_model("digits")
    curves = {"accuracy": [(1, 0.1), (2, 0.3)], "val_accuracy": [(2, 0.4)]}
    publish(shipped.folder, "told", curves)
    folder = get_model("told").folder
    confusion = tuple((*(0,) * n, 18, *(0,) * (9 - n)) for n in range(10))
    save_card(load_card(folder).model_copy(update={"confusion": confusion}), folder)

    before = publish(shipped.folder, "older")
    folder = get_model(before.name).folder
    save_card(before.model_copy(update={"confusion": (), "curves": {}}), folder)

    told, older = open_page("explain", model="told"), open_page("explain", model="older")
    titles = [json.loads(chart.proto.spec)["layout"]["title"]["text"] for chart in charts_of(told)]
    assert titles == ["Accuracy", "Confusions of the test images"]
    assert not charts_of(older)


def charts_of(test: AppTest) -> list[Any]:
    return [chart for chart in test.get("plotly_chart") if "card-" in chart.proto.id]


@pytest.mark.usefixtures("full")
def test_an_unknown_run_is_one_sentence() -> None:
    test = open_page("train", run="0" * 32)
    assert "There is no run" in test.error[0].value


@pytest.mark.usefixtures("full")
def test_without_an_engine_explain_says_so() -> None:
    test = open_page("explain")
    assert "restarting" in test.error[0].value


@pytest.mark.usefixtures("full")
def test_a_demo_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    test = open_page("train")
    assert not [button for button in test.button if button.label in ("Start", "Publish")]
    assert "demo" in test.info[0].value
    assert test.info[1].value == "No run yet."


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("view", ["one", "many"])
def test_what_is_kept_depends_on_what_may_be_handed_in(
    view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in = "Nothing you upload is kept, unless you hand it in for training."
    assert handed_in in open_page("classify", view=view).caption[0].value
    monkeypatch.setenv("LIGHTBOX_FEEDBACK", "0")
    settings.cache_clear()
    assert "Nothing you upload is kept." in open_page("classify", view=view).caption[0].value
