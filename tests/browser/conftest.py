"""A real browser against a real server: Debian's Chromium, driven by Playwright, each test with an empty profile.

Where there is no Chromium the browser tests are left out, and the end of the run says how many. BROWSER_LATE=1.5 makes
every script come so many seconds late, on every page; BROWSER_THROTTLE=6 makes the browser so many times slower. What
fails then would be lost for a person with a slow line or machine, or is a test that does not wait for what it needs.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from crowd.frontend import build
from crowd.users.models import User

# Playwright's loop runs in the test's own thread, where Django would see an asynchronous program.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# A limit only bounds how long a failure takes; what is waited for is a state.
PATIENCE_S = 60
expect.set_options(timeout=1000 * PATIENCE_S)
ROOT = Path(__file__).resolve().parents[2]
TOUR = ROOT / "docs" / "tour"
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
AXE = ROOT / "crowd" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 780}
LEFT_OUT = "BROWSER TESTS LEFT OUT"
LATE_S = float(os.environ.get("BROWSER_LATE", "0"))
THROTTLE = float(os.environ.get("BROWSER_THROTTLE", "1"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They come first, then what is slow: the longest are not the last, and one process drives the browser while the
    others steal the rest of its work."""
    folder = Path(__file__).parent
    items.sort(key=lambda item: (not item.path.is_relative_to(folder), not item.get_closest_marker("slow")))
    here = [item for item in items if item.path.is_relative_to(folder)]
    for item in here:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.django_db(transaction=True))
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason=f"{LEFT_OUT}: no Chromium was found"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = [one for one in terminalreporter.getreports("skipped") if LEFT_OUT in str(one.longrepr)]
    if left_out:
        terminalreporter.section(f"{len(left_out)} {LEFT_OUT}: no Chromium was found", sep="!", red=True)


@pytest.fixture(scope="session")
def kept_files() -> Iterator[None]:
    """Static files may be kept by the browser, as where the site is used: else each page would ask for all of them."""
    serve = StaticFilesHandler.serve

    def kept(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        answer = serve(self, request)
        late = LATE_S and request.path.endswith(".js")
        if late:
            time.sleep(LATE_S)
        answer["Cache-Control"] = "no-store" if late else "max-age=3600"
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", kept)
        yield


@pytest.fixture(scope="session")
def browser(kept_files: None) -> Iterator[Browser]:
    if build.is_stale():
        build.build()
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield found
        found.close()


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(browser: Browser, live_server: Any) -> Iterator[NewContext]:
    """new_context(phone=True, dark=True, bypass_csp=...) is a browser profile of its own; closed at the end."""
    opened: list[BrowserContext] = []

    def make(*, phone: bool = False, dark: bool = False, **more: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/Berlin",
            **{"bypass_csp": True}
            | more,  # only so that axe can be put in; test_every_page and test_times have the policy
        )
        context.set_default_timeout(1000 * PATIENCE_S)
        if THROTTLE > 1:
            context.on("page", throttle)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


def throttle(page: Page) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})


@pytest.fixture
def context(new_context: NewContext) -> BrowserContext:
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    found = context.new_page()
    faults: list[str] = []
    found.on("pageerror", lambda error: faults.append(str(error)))
    found.faults = faults  # type: ignore[attr-defined]
    return found


SignIn = Callable[..., None]


@pytest.fixture
def sign_in(context: BrowserContext, live_server: Any) -> SignIn:
    """sign_in(user) puts a session into the browser, as if he had signed in before; sign_in(user, other) elsewhere."""

    def put(user: User, into: BrowserContext = context) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        into.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])

    return put


def axe_options(rules: list[str]) -> str:
    """Of the stylesheets, which axe would fetch once more each time, no rule of these asks."""
    return json.dumps({"runOnly": rules, "resultTypes": ["violations"], "preload": {"assets": ["media"]}})


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """axe(page) fails with every breach of WCAG 2.2 AA that axe finds, and when the page scrolls sideways."""

    def check(page: Page) -> None:
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(AXE.read_text())
        found = page.evaluate(f"async () => (await axe.run(document, {axe_options(RULES)})).violations")
        told = [f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes'][:5]]}" for one in found]
        assert told == [], "\n".join(told)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} scrolls sideways by {wide} px"

    return check


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """shot(page, "task-submitted") keeps a picture in docs/tour/ when TOUR=1 and docs/tour.md shows it: a PNG of the
    page, or a WebP of it in four looks."""
    told = TOUR.with_suffix(".md").read_text() if os.environ.get("TOUR") == "1" else ""

    def take(page: Page, name: str) -> None:
        if f"tour/{name}.png" in told:
            keep(page, name)
        elif f"tour/{name}.webp" in told:
            from tests.browser import tour

            tour.take_four(page, name)

    return take


def keep(page: Page, name: str) -> None:
    from PIL import Image

    TOUR.mkdir(parents=True, exist_ok=True)
    path = TOUR / f"{name}.png"
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, full_page=True)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)


def until(true: Callable[[], Any], *, what: str = "") -> Any:
    """Asks again until it holds (Playwright's own wait_for_function needs eval, which the policy refuses)."""
    end = time.monotonic() + PATIENCE_S
    while not (answer := true()):
        assert time.monotonic() < end, what or "it never came true"
        time.sleep(0.03)
    return answer
