import shutil
from pathlib import Path

import pytest

from dashboard.core.errors import Forbidden, InvalidInput, LightboxError, NotFound
from dashboard.core.models import store
from dashboard.core.models.card import Card, Export, InputSpec, load_card, save_card
from dashboard.core.models.store import file_sha256, get_model, list_models, publish, unpublish
from dashboard.core.settings import Settings, settings


@pytest.fixture(autouse=True)
def shipped(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shipped"
    monkeypatch.setattr(Settings, "shipped_models", folder)
    return folder


def trained(folder: Path, weights: bytes = b"weights", name: str = "run") -> Path:
    """A model folder as a run leaves it; the store never looks into `model.keras`."""
    (folder / "openvino").mkdir(parents=True)
    (folder / "model.keras").write_bytes(weights)
    (folder / "openvino" / "model.xml").write_bytes(b"<net/>")
    (folder / "openvino" / "model.bin").write_bytes(b"\0")
    card = Card(
        name=name,
        version="0123456789ab",
        classes=("a", "b"),
        input=InputSpec(height=8, width=8, channels=1),
        network="tiny",
        parameters=1,
        export=Export(model_sha256=file_sha256(folder / "model.keras"), max_abs_dp=0, n=1),
    )
    save_card(card, folder)
    return folder


def test_a_published_model_is_found_under_its_name(tmp_path: Path) -> None:
    card = publish(trained(tmp_path / "run"), "数字-1")
    stored = get_model("数字-1")
    assert stored.card == card == list_models()[0]
    assert card.name == "数字-1"
    assert card.version == file_sha256(tmp_path / "run" / "model.keras")[:12]
    assert stored.model_path.read_bytes() == b"weights"
    assert stored.has_valid_export()


def test_publishing_again_changes_nothing(tmp_path: Path) -> None:
    source = trained(tmp_path / "run")
    first = publish(source, "m")
    before = get_model("m").folder.stat().st_ino
    assert publish(source, "m") == first
    assert get_model("m").folder.stat().st_ino == before


def test_a_new_version_keeps_the_old_one(tmp_path: Path) -> None:
    old = publish(trained(tmp_path / "1", b"old"), "m")
    new = publish(trained(tmp_path / "2", b"new"), "m")
    assert get_model("m").card == new
    assert get_model("m", old.version).card == old
    assert [card.version for card in list_models()] == [new.version]


def test_a_failed_publish_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = publish(trained(tmp_path / "1", b"old"), "m")
    source = trained(tmp_path / "2", b"new")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "save_card", full)
    with pytest.raises(LightboxError, match="disk is full"):
        publish(source, "m")
    assert get_model("m").card == old
    assert {path.name for path in (settings().models / "m").iterdir()} == {"current", old.version}


def test_a_run_without_a_model_cannot_be_published(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no model in “empty”"):
        publish(tmp_path / "empty", "m")
    assert list_models() == []


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", ".", "a\0", "x" * 61, "-rf\n"])
def test_names_that_cannot_be_a_models(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="letters, digits"):
        publish(trained(tmp_path / "run"), name)
    with pytest.raises(NotFound, match="no model"):
        get_model(name)


@pytest.mark.parametrize("name", ["m", "हिन्दी", "été_2", "é"])
def test_names_of_any_language(tmp_path: Path, name: str) -> None:
    publish(trained(tmp_path / "run"), name)
    assert get_model(name).card.classes == ("a", "b")


def test_the_error_names_the_choices(tmp_path: Path) -> None:
    publish(trained(tmp_path / "run"), "cats")
    with pytest.raises(NotFound, match=r"no model “dogs”\. Published models: cats"):
        get_model("dogs")
    with pytest.raises(NotFound, match=r"has no version “0+”"):
        get_model("cats", "0" * 12)
    with pytest.raises(NotFound, match="has no version"):
        get_model("cats", "../../etc")


def test_home_wins_over_shipped_and_gives_way_again(tmp_path: Path, shipped: Path) -> None:
    trained(shipped / "digits", b"shipped", name="digits")
    assert get_model("digits").folder == shipped / "digits"
    assert get_model("digits", "0123456789ab").folder == shipped / "digits"
    publish(trained(tmp_path / "run"), "digits")
    assert get_model("digits").folder.is_relative_to(settings().models)
    assert get_model("digits", "0123456789ab").folder == shipped / "digits"
    assert len(list_models()) == 1
    unpublish("digits")
    assert get_model("digits").folder == shipped / "digits"


def test_unpublish(tmp_path: Path, shipped: Path) -> None:
    trained(shipped / "digits")
    publish(trained(tmp_path / "run"), "m")
    unpublish("m")
    assert list(settings().models.iterdir()) == []
    with pytest.raises(NotFound, match="no model “m”"):
        unpublish("m")
    with pytest.raises(Forbidden, match="comes with Lightbox"):
        unpublish("digits")


def test_a_damaged_model_does_not_hide_the_others(tmp_path: Path) -> None:
    publish(trained(tmp_path / "1", b"1"), "good")
    publish(trained(tmp_path / "2", b"2"), "bad")
    (get_model("bad").folder / "card.json").write_bytes(b"{")
    assert [card.name for card in list_models()] == ["good"]
    with pytest.raises(LightboxError, match="damaged"):
        get_model("bad")


def test_no_other_model_answers_for_a_version_without_its_card(
    tmp_path: Path, shipped: Path
) -> None:
    trained(shipped / "digits", b"shipped", name="digits")
    publish(trained(tmp_path / "run"), "digits")
    (get_model("digits").folder / "card.json").unlink()
    with pytest.raises(LightboxError, match="missing or damaged"):
        get_model("digits")


def test_an_export_of_another_model_is_not_valid(tmp_path: Path) -> None:
    source = trained(tmp_path / "run")
    (source / "model.keras").write_bytes(b"trained further")
    publish(source, "m")
    assert not get_model("m").has_valid_export()


def test_without_its_files_the_export_leaves_the_card(tmp_path: Path) -> None:
    source = trained(tmp_path / "run")
    shutil.rmtree(source / "openvino")
    assert load_card(source).export
    assert publish(source, "m").export is None
