"""Every picture of the corpus through the upload of the page Explain, on a real server's engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.serving.client import engine
from dashboard.core.settings import settings
from tests import contract, corpus
from tests.corpus import Row
from tests.pages.conftest import open_page
from tests.server import Lightbox


@pytest.fixture(scope="module")
def page(lightbox: Lightbox) -> Iterator[AppTest]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(lightbox.home))
        settings.cache_clear()
        engine.cache_clear()
        yield open_page("explain", source="upload")
    settings.cache_clear()
    engine.cache_clear()


@pytest.mark.parametrize("row", corpus.IMAGES, ids=lambda row: row.id)
def test_every_picture_gets_its_verdict(page: AppTest, lightbox: Lightbox, row: Row) -> None:
    content = row.make()
    error, notes = contract.sentences(content)
    with contract.survived(lightbox):
        page.file_uploader[0].set_value((row.name, content, "image/png")).run()
    assert not page.exception
    if row.verdict == "too_large":  # the engine stops reading, and so cannot say how large it is
        error = "The image is larger than 10 MB. Send a smaller one."
    assert [plain(item.value) for item in page.error] == ([error] if error else [])
    charts = [chart.key for chart in page.get("plotly_chart")]
    assert ("probabilities-" in charts) != bool(error)
    assert set(notes) <= {plain(item.value) for item in page.caption}


def plain(markdown: str) -> str:
    return markdown.replace("\\", "")
