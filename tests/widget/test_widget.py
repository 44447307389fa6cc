import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from dashboard.core.settings import REPOSITORY
from dashboard.core.text import LANGUAGES
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
