"""Every page there is, on the smallest phone and on a desk, light and dark: for everybody, and under a strict policy.

With TOUR=1 it takes the pictures for docs/tour.md on the way, of a site in use: the demo's.
"""

import os
import re
from collections import defaultdict
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from crowd.users.models import User
from tests.browser import tour
from tests.browser.conftest import AXE, RULES, THROTTLE, NewContext, axe_options, until
from tests.browser.every_page import Opened, assemble
from tests.browser.looks import LOOKS, look

TOUR = os.environ.get("TOUR") == "1"
LOOSE = re.compile(r"script-src[^;]*('unsafe|https?:|\*)")
LISTEN = """window.refused = []; addEventListener("securitypolicyviolation", one =>
    refused.push(`${one.violatedDirective} ${one.blockedURI} ${one.sample}`))"""
# Asked for again until it is there: a promise that only the line to the browser holds may be swept away.
AXE_BEGINS = """told = null, axe.run(document, %s).then(found => told = found.violations.map(
    one => one.id + " " + one.nodes.slice(0, 3).map(node => node.target.join(" ")).join(", "))), 0"""
# On a desk, where most is shown, every rule; on a phone by night what is another matter there. It took the longest.
OF_A_LOOK = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def opened(live_server: Any, settings: Any) -> list[Opened]:
    settings.CROWD_DEMO = TOUR
    settings.CROWD_PAYOUT_MINIMUM = "0.1"
    return assemble(tour=TOUR)


@pytest.mark.timeout(0 if TOUR else 900 * THROTTLE)  # a tour takes ten minutes and more
def test_every_page_on_a_phone_and_on_a_desk(opened: list[Opened], new_context: NewContext, live_server: Any) -> None:
    """In the suite a phone by night and a desk by day; a tour takes all four."""
    faults: dict[str, list[str]] = defaultdict(list)
    assert len(opened) > 100, len(opened)
    for user, mine in _by_user(opened).items():
        walk = _Walk(_context(new_context, live_server.url, user))
        for one in mine:
            faults[f"{one.name} {one.address}"] += walk.look_at(one)
        walk.context.close()
    if TOUR:
        tour.write(opened)
    found = {page: sorted(set(said)) for page, said in faults.items() if said}
    assert found == {}, "\n".join(f"{page}: {said}" for page, said in found.items())


def _by_user(opened: list[Opened]) -> dict[User | None, list[Opened]]:
    found: dict[User | None, list[Opened]] = defaultdict(list)
    for one in opened:
        found[one.user].append(one)
    return found


def _context(new: NewContext, url: str, user: User | None) -> BrowserContext:
    """With the policy in force: axe comes in as a browser's extension does."""
    context = new(phone=True, dark=True, bypass_csp=False)
    context.add_init_script(LISTEN)
    context.add_init_script(path=AXE)
    if user:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}])
    return context


class _Walk:
    """One person's way through his pages in one window, with what is wrong with each in words."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.line = context.new_cdp_session(self.page)
        self.heard: list[str] = []
        self.page.on("pageerror", lambda error: self.heard.append(f"script: {error}"))
        self.page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.heard.append(f"console: {said.text}")

    def look_at(self, one: Opened) -> list[str]:
        faults = self._open(one)
        if (titles := self._ask("document.querySelectorAll('h1').length")) != 1:
            faults.append(f"{titles} titles")
        for phone, dark in LOOKS:
            look(self.page, phone=phone, dark=dark)
            rules = OF_A_LOOK if phone else RULES
            faults += [f"{fault} ({'phone' if phone else 'desk'})" for fault in self._faults(one, rules)]
        for phone, dark in tour.LOOKS if TOUR else ():
            look(self.page, phone=phone, dark=dark)
            tour.take(self.page, one, phone=phone, dark=dark)
        heard, self.heard[:] = list(self.heard), []
        return faults + heard + [f"policy: {refused}" for refused in self._ask("refused")]

    def _open(self, one: Opened) -> list[str]:
        answer = self.page.goto(one.address)
        assert answer is not None
        policy = answer.headers.get("content-security-policy", "")
        strict = "script-src" in policy and not LOOSE.search(policy)
        return [*([] if answer.status == 200 else [f"status {answer.status}"]), *([] if strict else ["a loose policy"])]

    def _faults(self, one: Opened, rules: list[str]) -> list[str]:
        wide = self._ask(SIDEWAYS)
        self._ask(AXE_BEGINS % axe_options(rules))
        until(lambda: self._ask("told !== null"), what=f"axe comes to no end on {one}")
        told: list[str] = self._ask("told")
        return told + ([f"scrolls sideways by {wide} px"] if wide > 0 else [])

    def _ask(self, expression: str) -> Any:
        """Past the policy, which forbids Playwright's own way of it, as it should."""
        told = self.line.send("Runtime.evaluate", {"expression": expression, "returnByValue": True})
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")
