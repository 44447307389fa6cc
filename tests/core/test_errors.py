from __future__ import annotations

import json

import pytest

from dashboard.core import errors
from dashboard.core.errors import LightboxError, NotFound

KINDS = [LightboxError, *LightboxError.__subclasses__()]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_crosses_a_process(kind):
    error = kind("“{name}” has {n}.", code="odd", name="{not a gap}", n=3)
    again = LightboxError.from_json(json.loads(json.dumps(error.to_json())))
    assert type(again) is kind
    assert (str(again), again.code, again.status) == ("“{not a gap}” has 3.", "odd", kind.status)


def test_every_kind_has_its_own_code_and_a_status():
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    assert all(400 <= kind.status < 600 for kind in KINDS)


def test_the_tree_is_drawn_in_full():
    assert all(f"{kind.__name__} " in (errors.__doc__ or "") for kind in KINDS)


def test_unknown_kind_becomes_the_base():
    data = {**NotFound("gone").to_json(), "kind": "SystemExit"}
    assert type(LightboxError.from_json(data)) is LightboxError
