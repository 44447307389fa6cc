"""Switching the language of a page in use, in a real browser: a choice stays what it is."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import choose, shot
from tests.server import Lightbox


def test_what_was_chosen_on_train_is_kept_and_translated(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/train")
    choose(page.get_by_label("Network", exact=True), "Multilayer perceptron")
    choose(page.get_by_label("Optimiser", exact=True), "sgd")
    choose(page.get_by_label("Language", exact=True), "简体中文")
    expect(page.get_by_label("网络", exact=True)).to_have_value("多层感知机")
    expect(page.get_by_label("优化器", exact=True)).to_have_value("sgd")
    choose(page.get_by_label("优化器", exact=True), "rmsprop")  # the browser tells of every box
    expect(page.get_by_label("网络", exact=True)).to_have_value("多层感知机")
    shot(page, "language-switched")
    choose(page.get_by_label("语言", exact=True), "English")
    expect(page.get_by_label("Network", exact=True)).to_have_value("Multilayer perceptron")
    expect(page.get_by_label("Optimiser", exact=True)).to_have_value("rmsprop")
    expect(page.get_by_label("Language", exact=True)).to_have_value("English")
