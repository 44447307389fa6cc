import json
from pathlib import Path

import pytest

from dashboard.core.errors import LightboxError
from dashboard.core.models.card import (
    Card,
    DatasetRef,
    Export,
    InputSpec,
    Metric,
    load_card,
    save_card,
)

CARD = Card(
    name="数字",
    version="0123456789ab",
    classes=("零", "one"),
    input=InputSpec(height=28, width=28, channels=1),
    network="doc-001",
    parameters=12,
    dataset=DatasetRef(name="digits", version="abc"),
    run_id="r1",
    recipe='network = "doc-001"\n',
    metrics=(Metric(name="accuracy", split="test", value=0.9, low=0.8, high=0.95, n=100),),
    temperature=1.5,
    export=Export(model_sha256="00", max_abs_dp=1e-6, n=64),
    licence="Apache-2.0",
    created="2026-08-01T00:00:00+00:00",
    command="python -m dashboard train doc-001",
)


def test_a_card_survives_the_disk(tmp_path: Path) -> None:
    save_card(CARD, tmp_path)
    assert load_card(tmp_path) == CARD
    assert "数字" in (tmp_path / "card.json").read_text(encoding="utf-8")


def test_fields_of_a_newer_lightbox_are_ignored(tmp_path: Path) -> None:
    data = CARD.model_dump(mode="json") | {"mood": "good"}
    (tmp_path / "card.json").write_text(json.dumps(data))
    assert load_card(tmp_path) == CARD


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xfe", b"[]", b'{"name": "x"}'])
def test_a_damaged_card_is_a_plain_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "card.json").write_bytes(content)
    with pytest.raises(LightboxError, match="missing or damaged") as caught:
        load_card(tmp_path)
    assert caught.value.code == "damaged_card"
