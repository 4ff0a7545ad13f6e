"""What somebody sees who has never been here. test_every_page looks at what else is there for a guest."""

from playwright.sync_api import Page

from tests.browser.looks import look
from tests.browser.working import Axe, Shot


def test_a_guest_reads_what_this_is_for_each_of_three_people(page: Page, axe: Axe, shot: Shot) -> None:
    page.goto("/")

    assert page.locator("h2").all_text_contents() == ["Work", "Post a project", "Run a site"]
    for phone in (False, True):
        for dark in (False, True):
            look(page, phone=phone, dark=dark)
            axe(page)
            shot(page, f"guest{'-phone' if phone else ''}{'-dark' if dark else ''}")


def test_who_asks_for_a_page_that_is_not_there_is_told_so_in_the_hand(page: Page, axe: Axe) -> None:
    look(page, phone=True, dark=False)

    page.goto("/nowhere/")

    axe(page)
    assert page.locator("h1").count() == 1
