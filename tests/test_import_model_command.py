"""`import-model` on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.commands import terminal
from dashboard.core.settings import REPOSITORY
from tests.core.models.foreign import keras_2
from tests.test_cli import Lightbox, lightbox_in

EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"


@pytest.fixture
def lightbox(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lightbox]:
    monkeypatch.setattr(terminal, "LANGUAGE", "en")
    return lightbox_in(home, capsys, monkeypatch)


@pytest.fixture
def given(tmp_path: Path) -> tuple[Path, str, Path]:
    keras_2.write(tmp_path / "old.h5", 24, keras_2.weights(3))
    (tmp_path / "labels.txt").write_text("cat\ndog\nfish\n")
    return tmp_path / "old.h5", "--classes", tmp_path / "labels.txt"


def test_from_a_file_to_a_heatmap(lightbox: Lightbox, given, tmp_path: Path) -> None:
    plain = lightbox("import-model", *given, "--name", "old", "--try", EXAMPLE)
    assert plain.status == 0
    told = " ".join(plain.out.split())
    assert "The range of pixel values is a guess: 0..1." in told
    assert "Input 24 × 24 × 3" in told
    assert "blue" not in told

    made = lightbox("import-model", *given, "--name", "old", "--range", "-1..1", "--json").json
    assert (made["convention"], made["guessed"], made["answers"]) == ("-1..1", False, {})
    assert made["card"]["command"].endswith("labels.txt --range -1..1")
    (answer,) = lightbox(
        "classify", EXAMPLE, "--model", "old", "--explain", "grad_cam", "--out", tmp_path, "--json"
    ).json
    assert answer["version"] == made["card"]["version"]
    assert {item["label"] for item in answer["predictions"]} == {"cat", "dog", "fish"}
    assert Path(answer["explanation"]).stat().st_size > 1000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--size", "big"), "A size is HEIGHTxWIDTH"),
        (("--size", "32x32"), "The model takes 24 × 24 × 3"),
        (("--range", "0..100"), "Choose one of: 0..255, 0..1, -1..1, imagenet, caffe."),
        (("--try", "nowhere.png"), "nowhere.png”. Give the path of a picture."),
    ],
)
def test_what_is_wrong_is_one_sentence(
    lightbox: Lightbox, given, options: tuple[str, str], words: str
) -> None:
    assert words in lightbox("import-model", *given, "--name", "old", *options).sentence


def test_a_file_needs_its_classes(lightbox: Lightbox, given) -> None:
    assert "Give the classes" in lightbox("import-model", given[0], "--name", "old").sentence
