"""What somebody sees who has never been here."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewContext


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_a_guest_reads_what_this_is_for_each_of_three_people(
    new_context: NewContext, axe: Callable[[Page], None], shot: Any, phone: bool, dark: bool
) -> None:
    page = new_context(phone=phone, dark=dark).new_page()

    page.goto("/")

    headings = page.locator("h2").all_text_contents()
    assert headings == ["Work", "Post a project", "Run a site"]
    axe(page)
    shot(page, f"guest{'-phone' if phone else ''}{'-dark' if dark else ''}")


def test_every_page_of_a_guest_is_fit_for_everybody(page: Page, axe: Callable[[Page], None]) -> None:
    page.set_viewport_size({"width": 360, "height": 740})

    for address in (
        "/",
        "/terms/",
        "/privacy/",
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/nowhere/",
    ):
        page.goto(address)
        axe(page)
        assert page.locator("h1").count() == 1, address
