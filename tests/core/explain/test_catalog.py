import pytest

from dashboard.core.errors import InvalidInput
from dashboard.core.explain.base import Explainer
from dashboard.core.explain.catalog import EXPLAINERS, get_explainer


@pytest.mark.parametrize("explainer", EXPLAINERS, ids=lambda explainer: explainer.id)
def test_every_entry_describes_itself(explainer: Explainer) -> None:
    assert explainer.id == explainer.id.lower()
    assert explainer.label
    assert "arXiv" in explainer.description
    assert get_explainer(explainer.id) is explainer


def test_ids_are_unique() -> None:
    assert len({explainer.id for explainer in EXPLAINERS}) == len(EXPLAINERS)


def test_an_unknown_id_names_the_choices() -> None:
    with pytest.raises(InvalidInput, match=r"`explain`.*“tea_leaves”.*grad_cam"):
        get_explainer("tea_leaves")
