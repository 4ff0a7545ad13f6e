"""A page is judged in the hand by night, on the smallest phone that there is, and on a desk by day."""

from collections.abc import Iterator

from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import DESKTOP

SMALLEST: ViewportSize = {"width": 360, "height": 740}
LOOKS = ((True, True), (False, False))  # on a phone? dark?


def look(page: Page, *, phone: bool, dark: bool) -> None:
    page.set_viewport_size(SMALLEST if phone else DESKTOP)
    page.emulate_media(color_scheme="dark" if dark else "light")


def looks(page: Page) -> Iterator[str]:
    """One after the other, without loading it anew; gives what a picture's name ends with."""
    for phone, dark in LOOKS:
        look(page, phone=phone, dark=dark)
        yield f"{'-phone' if phone else ''}{'-dark' if dark else ''}"
