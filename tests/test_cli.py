"""The command line: what it prints, and that what is wrong is one sentence."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard import __main__ as command_line
from dashboard.commands import terminal, training
from dashboard.core.errors import LightboxError
from dashboard.core.quality import inspection
from dashboard.core.runs import tracking
from dashboard.core.settings import REPOSITORY, settings
from tests import archives, corpus
from tests.planted import plant_shortcut

EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"


@dataclass
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The error in one line, however wide the terminal is."""
        assert self.status == 1
        assert self.out == ""
        assert "Traceback" not in self.err
        return " ".join(self.err.split())


Lightbox = Callable[..., Done]


def lightbox_in(home: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch):
    def lightbox(*words: object) -> Done:
        patch.setattr(sys, "argv", ["lightbox", *map(str, words), "--home", str(home)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            command_line.main()
        out, err = capsys.readouterr()
        return Done(int(left.value.code or 0), out, err)

    return lightbox


@pytest.fixture
def lightbox(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lightbox]:
    """Run a command in this process, on an empty home."""
    monkeypatch.setattr(terminal, "LANGUAGE", "en")
    for key in ("PORT", "LIGHTBOX_HOST", "LIGHTBOX_DEMO"):
        monkeypatch.setenv(key, "")  # `run` writes them; so they are put back
    tracking.forget()
    yield lightbox_in(home, capsys, monkeypatch)
    tracking.forget()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a data set, a run and a model, made by commands."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "pets.zip").write_bytes(archives.packed(archives.pets(12)))
    (folder / "mine.toml").write_text('# mine\nnetwork = "doc-001"\nepochs = 5\n')
    return folder


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_from_an_archive_to_an_answer(lightbox: Lightbox, filled: Path, home: Path) -> None:
    made = lightbox("import", filled / "pets.zip", "--json").json
    assert (made["name"], made["classes"], made["report"]["kept"]) == ("pets", ["cat", "dog"], 24)
    assert [item["name"] for item in lightbox("datasets", "--json").json] == ["pets"]

    options = ["--dataset", "pets", "--set", "epochs=1", "--set", "augmentation.flip=1.0"]
    trained = lightbox("train", filled / "mine.toml", *options, "--publish", "a", "--json").json
    assert trained["card"]["name"] == "a"
    assert trained["seconds"] > 0
    (run,) = lightbox("runs", "--json").json
    assert (run["id"], run["status"]) == (trained["run_id"], "FINISHED")
    assert (run["params"]["epochs"], run["params"]["augmentation.flip"]) == ("1", "1.0")
    assert run["tags"]["command"] == (
        f"python -m dashboard train {filled}/mine.toml --dataset pets "
        "--set epochs=1 --set augmentation.flip=1.0"
    )

    cards = lightbox("models", "--json").json
    assert [card["name"] for card in cards] == ["digits", "a", "cifar10"]
    metrics = lightbox("evaluate", "a", "--split", "val", "--json").json
    assert {metric["name"]: metric["n"] for metric in metrics} == {"accuracy": 2, "macro_f1": 2}
    assert metrics[0]["split"] == "val"
    mismatch = lightbox("evaluate", "digits", "--dataset", "pets").sentence
    assert mismatch == "The data set “pets” has other classes than the model “digits”."

    for command in ("datasets", "models", "runs", "evaluate"):
        plain = lightbox(command, *(["a"] if command == "evaluate" else []))
        assert (plain.status, plain.err) == (0, "")
        assert "pets" in plain.out or "a" in plain.out.split()
    assert not [path for path in files(home) if ".tmp-" in str(path)]


@pytest.mark.parametrize("command", ["datasets", "runs"])
def test_an_empty_list(lightbox: Lightbox, command: str) -> None:
    assert lightbox(command, "--json").json == []
    assert lightbox(command).out == "Nothing here yet.\n"


def test_networks_and_what_they_cost(lightbox: Lightbox) -> None:
    done = lightbox("networks", "--json")
    assert done.status == 0
    costs = {row["id"]: row for row in done.json["networks"] + done.json["backbones"]}
    assert costs["doc-003"]["parameters"] == 122_570
    assert costs["MobileNetV2"]["licence"] == "Apache-2.0"
    printed = lightbox("networks").out
    assert "resnet-20" in printed
    assert done.json["machine"] in " ".join(printed.split())


def test_classify(lightbox: Lightbox, tmp_path: Path) -> None:
    (answer,) = lightbox("classify", EXAMPLE, "--top", 2, "--json").json
    assert (answer["image"], answer["model"]) == ("7.png", "digits")
    assert answer["predictions"][0]["label"] == "7"
    assert len(answer["predictions"]) == 2
    assert 0 <= answer["predictions"][0]["probability"] <= 1
    assert set(answer["timing_ms"]) == {"decode", "predict", "total"}
    assert answer["explanation"] is None
    plain = lightbox("classify", EXAMPLE)
    assert "7.png" in plain.out
    assert "%" in plain.out


def test_classify_with_the_reason(lightbox: Lightbox, tmp_path: Path) -> None:
    options = ("--explain", "grad_cam", "--out", tmp_path / "new", "--json")
    (answer,) = lightbox("classify", EXAMPLE, *options).json
    assert answer["explanation"] == str(tmp_path / "new" / "7.grad_cam.png")
    assert Path(answer["explanation"]).read_bytes().startswith(b"\x89PNG")


def test_names_of_classes_are_printed_as_they_are(lightbox: Lightbox, tmp_path: Path) -> None:
    names = ("[b]", "[red]cat")
    content = [(f"{name}/{i}.png", archives.picture(i)) for name in names for i in range(12)]
    path = tmp_path / "odd.zip"
    path.write_bytes(archives.packed(content))
    done = lightbox("import", path)
    assert done.status == 0, done.err
    assert all(name in done.out for name in names)


def test_an_import_says_why_files_were_left_out(lightbox: Lightbox, tmp_path: Path) -> None:
    content = [(f"{name}/{i}.png", archives.picture(i)) for name in "ab" for i in range(12)]
    path = tmp_path / "some.zip"
    path.write_bytes(archives.packed([*content, ("a/notes.txt", b"x"), ("b/text.png", b"y")]))
    told = " ".join(lightbox("import", path).out.split())
    assert "Files left out: 2 of 26." in told
    assert "2 │ a/notes.txt: The file is not a picture" in told


# ---- what is wrong


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that are not what they seem."""
    folder = tmp_path_factory.mktemp("bad")
    picture = corpus.saved(corpus.noise(16, 16), "PNG")
    (folder / "text.png").write_bytes(b"this is not a picture")
    (folder / "half.png").write_bytes(picture[: len(picture) // 2])
    (folder / "empty.png").write_bytes(b"")
    texts = [("a/1.txt", b"one"), ("a/2.txt", b"two"), ("b/1.txt", b"three")]
    (folder / "texts.zip").write_bytes(archives.packed(texts))
    (folder / "not.zip").write_bytes(b"hello")
    (folder / "good.zip").write_bytes(archives.packed(archives.pets()))
    (folder / "broken.toml").write_text("epochs = ")
    (folder / "binary.toml").write_bytes(b"\xff\xfe\x00")
    (folder / "file").write_bytes(b"")
    return folder


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("classify {bad}/text.png", "The file is not a picture that can be read."),
        ("classify {bad}/half.png", "The picture is incomplete: its end is missing."),
        ("classify {bad}/empty.png", "The file is not a picture that can be read."),
        ("classify {bad}/gone.png", "There is no file “{bad}/gone.png”."),
        ("classify {bad}/none", "There is no file “{bad}/none”."),
        (
            "classify {example} --model vgg",
            "There is no model “vgg”. Published models: digits, cifar10.",
        ),
        ("classify {example} --model ../x", "There is no model “../x”."),
        ("classify {example} --top 0", "The field `top` must be a whole number from 1 to 1000"),
        ("classify {example} --explain grad_cam", "Give `--explain` and `--out` together."),
        (
            "classify {example} --explain leaves --out {bad}/o",
            "The field `explain` names no method: “leaves”.",
        ),
        ("evaluate vgg", "There is no model “vgg”."),
        ("evaluate digits", "There is no data set “digits”; none has been imported yet."),
        (
            "train vgg",
            "There is no recipe “vgg”. Give a TOML file, the id of a run or one of: best",
        ),
        ("train {bad}/broken.toml", "The recipe is not valid TOML"),
        ("train {bad}/binary.toml", "The recipe “binary.toml” is not a text file."),
        ("train doc-001 --dataset cats", "There is no data set “cats”"),
        ("train doc-001 --set epochs", "`--set` takes field=value; received “epochs”."),
        ("train doc-001 --set epochs=0", "The recipe's `epochs` must be ≥ 1; received 0."),
        ("train doc-001 --set epoch=3", "A recipe has no field `epoch`."),
        ("train doc-001 --set =3", "A recipe has no field ``."),
        ("train doc-001 --set epochs.x=3", "A recipe has no field `epochs.x`."),
        ("train doc-001 --set dataset=3", "The recipe's `dataset` must be string; received 3."),
        ("train doc-001 --set augmentation=3", "The recipe's `augmentation` must be dict"),
        ("train doc-001 --set augmentation.blur=1", "There is no augmentation “blur”."),
        ("train doc-001 --set network=alexnet", "There is no network “alexnet”."),
        ("train doc-001 --publish a/b", "A model's name must be 1 to 60 letters"),
        ("import {bad}/texts.zip", "None of the 3 files is a picture that can be read."),
        ("import {bad}/not.zip", "The file is not a zip archive."),
        ("import {bad}/gone.zip", "There is nothing at “{bad}/gone.zip”."),
        ("import {bad}/good.zip --name ../x", "A data set's name has 1 to 60 letters"),
        ("run --port 0", "PORT must be a whole number from 1 to 65535; received “0”."),
        ("run --host 192.0.2.1 --port 8999", "Port 8999 on 192.0.2.1 cannot be used"),
    ],
)
def test_one_sentence_and_nothing_left(
    lightbox: Lightbox, bad: Path, home: Path, words: str, expected: str
) -> None:
    gaps = {"bad": bad, "example": EXAMPLE}
    found = lightbox(*(word.format(**gaps) for word in words.split())).sentence
    assert found.startswith(expected.format(**gaps))
    assert found.endswith(".")
    assert files(home) == []


def test_a_taken_port(lightbox: Lightbox, home: Path) -> None:
    logging_to = list(logging.getLogger().handlers)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = lightbox("run", "--port", port).sentence
    assert found.startswith(f"Port {port} on 127.0.0.1 cannot be used: address already in use.")
    assert f"PORT={port + 1}" in found
    assert files(home) == []
    assert logging.getLogger().handlers == logging_to  # not a server's, on a stream of this test


@pytest.mark.parametrize("words", ["import digits", "runs", "train doc-001"])
def test_a_home_that_cannot_be_one(
    bad: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("LIGHTBOX_HOME", "")
    monkeypatch.setattr(terminal, "LANGUAGE", "en")
    tracking.forget()
    found = lightbox_in(bad / "file", capsys, monkeypatch)(*words.split()).sentence
    assert f"“{bad}/file" in found
    assert "cannot be used: " in found
    settings.cache_clear()
    tracking.forget()


def test_with_json_an_error_is_json_too(lightbox: Lightbox) -> None:
    done = lightbox("evaluate", "vgg", "--json")
    assert (done.status, done.err) == (1, "")
    error = LightboxError.from_json(done.json["error"])
    assert error.code == "model_not_found"
    assert "“vgg”" in str(error)


def test_what_gives_the_label_away_is_named_in_the_readers_language(
    home: Path, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "umap_missing", lambda: "left out")  # compiles for 10 s
    plant_shortcut(tmp_path / "files", n=150, step=20)
    monkeypatch.setattr(terminal, "LANGUAGE", "zh")
    said = lightbox_in(home, capsys, monkeypatch)("quality", "shortcut").out
    assert not re.search("brightness|colour", said)
    assert re.search("亮度|颜色", said)


def test_in_chinese(lightbox: Lightbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "LANGUAGE", "zh")
    assert lightbox("evaluate", "vgg").sentence.startswith("没有模型“vgg”。")


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ("epochs=7", "epochs", 7),
        ("learning_rate=1e-2", "learning_rate", 0.01),
        ("optimizer=sgd", "optimizer", "sgd"),
        ('schedule="cosine"', "schedule", "cosine"),
        ("augmentation.flip=1", "augmentation", {"flip": 1.0}),
        ("augmentation={flip=1, noise=0.1}", "augmentation", {"flip": 1.0, "noise": 0.1}),
        ("dataset=猫=狗", "dataset", "猫=狗"),
    ],
)
def test_set_takes_toml_or_a_word(
    lightbox: Lightbox, monkeypatch: pytest.MonkeyPatch, change: str, field: str, value: object
) -> None:
    seen = []

    def submit(recipe: Any, *_: object) -> str:
        seen.append(recipe)
        raise LightboxError("enough")

    monkeypatch.setattr("dashboard.core.training.jobs.submit", submit)
    monkeypatch.setattr(training, "_embedded", lambda name: None)
    assert lightbox("train", "doc-001", "--set", "epochs=3", "--set", change).sentence == "enough"
    assert getattr(seen[0], field) == value
    assert seen[0].network == "doc-001"


def test_a_process_of_its_own_says_no_more(bad: Path, tmp_path: Path) -> None:
    """No warnings of libraries, no traceback, whatever the terminal's language."""
    command = [sys.executable, "-m", "dashboard", "classify", str(bad / "half.png")]
    done = subprocess.run(
        [*command, "--home", str(tmp_path / "home")],
        cwd=REPOSITORY,
        env={**os.environ, "LANG": "zh_CN.UTF-8", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "".join(done.stderr.split()).startswith("图片不完整")
    assert done.stderr.strip().count("\n") <= 1
    assert not (tmp_path / "home").exists()


def test_a_training_that_is_ended_from_outside_says_how_it_goes_on(home: Path) -> None:
    command = [sys.executable, "-m", "dashboard", "train", "doc-001", "--set", "epochs=200"]
    with subprocess.Popen(
        [*command, "--home", str(home)],
        cwd=REPOSITORY,
        env={**os.environ, "LANG": "en_GB.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("epoch 1:"):
                process.terminate()
                break
        said = process.stderr.read()
    assert process.returncode == 1
    assert "Traceback" not in said
    assert "keeps its place. Resume it on the page Train." in " ".join(said.split())
