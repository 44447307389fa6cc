"""Signing in with a provider, from another address than loopback, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import shot
from tests.oidc import CLIENT, SECRET, Provider, running_provider
from tests.server import Lightbox

EDITOR = "ada@example.org"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lightbox]:
    home: Path = tmp_path_factory.mktemp("signing") / "home"
    variables = {"LIGHTBOX_HOST": "0.0.0.0", "LIGHTBOX_EDITORS": f"grace@example.org, {EDITOR}"}
    lightbox = Lightbox(home, variables=variables)
    home.mkdir()
    (home / "secrets.toml").write_text(
        f"""
[auth]
redirect_uri = "http://127.0.0.1:{lightbox.port}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
    )
    with lightbox.running():
        yield lightbox


def sign_in(page: Page, server: Lightbox, provider: Provider, **claims: Any) -> None:
    provider.claims = claims
    page.goto(f"http://127.0.0.1:{server.port}/train")
    expect(page.get_by_text("To change something, sign in.")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_have_count(0)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(rf":{server.port}/"))
    expect(page.get_by_text(f"Signed in as {claims['email']}")).to_be_visible()
    page.goto(f"http://127.0.0.1:{server.port}/train")


def test_an_editor_signs_in_and_out(page: Page, server: Lightbox, provider: Provider) -> None:
    sign_in(page, server, provider, email="Ada@Example.org", email_verified=True)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    shot(page, "signed-in")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Signed in as")).to_have_count(0)
    expect(page.get_by_text("Look at the images")).to_be_visible()  # home again
    page.goto(f"http://127.0.0.1:{server.port}/train")
    expect(page.get_by_text("To change something, sign in.")).to_be_visible()


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@example.org", "email_verified": True},
        {"email": EDITOR, "email_verified": False},
        {"email": EDITOR},
    ],
)
def test_nobody_else_may_change_anything(
    page: Page, server: Lightbox, provider: Provider, claims: dict[str, Any]
) -> None:
    sign_in(page, server, provider, **claims)
    expect(page.get_by_text("You are signed in, but may not change anything")).to_be_visible()
    expect(page.get_by_role("button", name="Start", exact=True)).to_have_count(0)


def test_programs_still_need_the_token(server: Lightbox) -> None:
    answer = httpx.post(f"http://127.0.0.1:{server.port}/api/v1/runs", json={}, timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "token_required")
