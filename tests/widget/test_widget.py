import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from dashboard.core.serving.answers import Answer, Prediction
from dashboard.core.settings import REPOSITORY
from dashboard.core.text import LANGUAGES
from dashboard.widget.answer import answer_label
from dashboard.widget.blocks import address, build
from dashboard.widget.theme import theme
from dashboard.widget.upload import uploaded_image


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", {"Classify", "Answer", "Model"}), ("zh", {"分类", "答案", "模型"})],
)
def test_every_label_is_in_the_chosen_language(language: str, words: set[str]) -> None:
    components = build(language).get_config_file()["components"]
    shown = {part["props"].get("label") or part["props"].get("value") for part in components}
    assert words <= {text for text in shown if isinstance(text, str)}


@pytest.mark.usefixtures("home")
def test_one_event_is_public() -> None:
    dependencies = build("en").get_config_file()["dependencies"]
    public = {item["api_name"] for item in dependencies if item["api_visibility"] == "public"}
    assert "classify" in public


def test_the_upload_is_handed_over_unopened(tmp_path: Path) -> None:
    path = tmp_path / "not-an-image.png"
    path.write_bytes(b"text")
    image = uploaded_image(label="Image")
    assert image.preprocess(SimpleNamespace(path=str(path))) == str(path)
    assert image.preprocess(None) is None


def test_the_colours_are_those_of_the_pages() -> None:
    text = (REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    colours = tomllib.loads(text)["theme"]
    built = theme()
    assert built.button_primary_background_fill == colours["light"]["primaryColor"]
    assert built.button_primary_background_fill_dark == colours["dark"]["primaryColor"]


def test_every_language_has_an_address() -> None:
    assert [address(code) for code in LANGUAGES] == ["/classify/", "/classify/zh/"]


def test_the_answers_to_several_tasks_share_a_headline() -> None:
    found = (
        Prediction("7", 7, 0.6, "digit"), Prediction("1", 1, 0.4, "digit"),
        Prediction("odd", 11, 0.9, "parity"), Prediction("even", 10, 0.1, "parity"),
    )  # fmt: skip
    label = answer_label("?")
    shown = label.postprocess(Answer("id", "m", "v", found, (), {}))
    assert shown.label == "7 · odd"
    bars = [(item.label, item.confidence) for item in shown.confidences]
    assert bars == [
        ("digit: 7", 0.6), ("digit: 1", 0.4), ("parity: odd", 0.9), ("parity: even", 0.1),
    ]  # fmt: skip
    alone = label.postprocess(Answer("id", "m", "v", (Prediction("cat", 0, 1.0),), (), {}))
    assert (alone.label, alone.confidences[0].label) == ("cat", "cat")
    assert label.postprocess(None) == {}
