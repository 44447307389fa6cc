"""What Explore offers against faults, and the versions that come of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.data.versions import exclude, relabel
from dashboard.core.quality import inspection
from dashboard.core.quality.flags import Flags, load_flags
from dashboard.core.quality.kept import kept_images
from dashboard.core.settings import settings
from tests import archives
from tests.pages.conftest import click, open_page
from tests.planted import plant_shortcut

pytestmark = pytest.mark.usefixtures("checked")


def digits() -> Dataset:
    return get_dataset("digits")


def flags() -> Flags:
    found = load_flags(digits())
    assert found is not None
    return found


def fault_page(fault: str) -> AppTest:
    return open_page("explore", view="quality", fault=fault)


def sentence(test: AppTest) -> str:
    return next(item.value for item in test.markdown if item.value.startswith("**"))


def test_all_copies_are_taken_out_for_the_reason_of_their_fault() -> None:
    before, copies = digits(), set(flags().of("near_duplicate")["id"])
    test = click(fault_page("near_duplicate"), "Exclude", "exclude")
    made = digits()
    assert set(before.index["id"]) - set(made.index["id"]) == copies
    assert made.change is not None
    assert made.change.reason == "Near duplicates"
    click(test, "Undo")
    assert digits() == before


def test_what_is_fine_is_remembered_and_can_be_flagged_again() -> None:
    n = len(flags().of("outlier"))
    test = click(fault_page("outlier"), "They are fine")
    assert len(kept_images(digits())["outlier"]) == n
    assert sentence(test).startswith("**0 images")
    test.toggle[0].set_value(True).run()
    assert test.toggle[0].label == f"Show what was kept ({n})"
    assert f"{n} images, page 1" in [item.value for item in test.caption]
    click(test, "Flag again")
    assert kept_images(digits())["outlier"] == []
    assert sentence(test).startswith(f"**{n} images")


def test_the_facts_of_a_fault_are_in_the_readers_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "umap_missing", lambda: "left out")  # compiles for 10 s
    inspection.inspect(plant_shortcut(tmp_path / "files", n=150, step=20))
    query = {"dataset": "shortcut", "view": "quality", "lang": "zh"}
    facts = open_page("explore", fault="shortcut", **query).dataframe[0].value
    assert list(facts)[:3] == ["属性", "准确率", "随机水平"]
    assert "亮度" in set(facts["属性"])
    small = open_page("explore", fault="small_class", **query).dataframe[0].value
    assert list(small) == ["类别", "图像数"]


def test_a_class_keeps_its_name_in_every_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "umap_missing", lambda: "left out")  # compiles for 10 s
    for label, count in (("none", 30), ("some", 4)):
        (tmp_path / "pets" / label).mkdir(parents=True)
        for n in range(count):
            (tmp_path / "pets" / label / f"{n}.png").write_bytes(archives.picture(count + n))
    inspection.inspect(import_dataset(tmp_path / "pets"))
    query = {"dataset": "pets", "view": "quality", "fault": "imbalance", "lang": "zh"}
    assert "“none”" in sentence(open_page("explore", **query))


def test_a_new_version_shows_the_flags_it_came_with() -> None:
    before, gone = digits(), flags().of("outlier")["id"].iloc[:2].tolist()
    n = len(flags().of("outlier"))
    exclude(before, gone, "")
    test = fault_page("outlier")
    assert f"found in version {before.version[:8]}" in test.info[0].value
    assert sentence(test).startswith(f"**{n - 2} images")
    assert "Check this version" in [button.label for button in test.button]


def test_a_demo_shows_faults_but_mends_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    labels = {button.label for button in fault_page("near_duplicate").button}
    assert not labels & {"Exclude", "They are fine"}


def test_versions_are_listed_looked_at_and_restored() -> None:
    first, image_id = digits(), digits().index["id"].iloc[3]
    second = exclude(first, [image_id], "a *smudge*")
    third = relabel(second, {second.index["id"].iloc[5]: "1"}, "")
    test = open_page("explore", versions="true")
    texts = [item.value for item in test.markdown]
    assert texts.index("**Images relabelled: 1**") < texts.index("**Images taken out: 1**")
    assert texts.index("**Images taken out: 1**") < texts.index("**Imported**")
    assert r"a \*smudge\*" in texts
    click(test, "Look", f"look-{second.version}")
    assert test.query_params["version"] == second.version
    assert test.metric[3].value == second.version[:8]
    assert third.version[:8] in test.info[0].value
    click(test, "Restore", f"restore-{first.version}")
    assert digits() == first
    assert "version" not in test.query_params


def test_an_older_version_can_be_seen_but_not_changed() -> None:
    before = digits()
    exclude(before, flags().of("near_duplicate")["id"], "")
    test = open_page("explore", version=before.version, view="quality", fault="near_duplicate")
    assert sentence(test).startswith("**1 images")
    assert "Exclude" not in [button.label for button in test.button]
    click(test, "To the current version")
    assert test.metric[3].value == digits().version[:8]


def test_a_version_of_another_data_set_is_not_looked_for() -> None:
    test = open_page("explore", version="nonsense")
    assert not test.error
    assert "version" not in test.query_params
