"""A requester makes a ruling: from the groups of disagreements to the next version of the guidelines."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from crowd.consensus.services.aggregate import aggregate
from crowd.guidance.models import Ruling
from crowd.projects.models import Task
from crowd.users.models import Organisation, User
from tests import make
from tests.guidance.test_rulings import minds
from tests.make_project import make_open
from tests.rules.working import work


def test_a_requester_makes_a_ruling(
    page: Page,
    sign_in: Callable[..., None],
    axe: Callable[[Page], None],
    shot: Any,
    requester: User,
    organisation: Organisation,
) -> None:
    rows = [{"text": f"{name} {n}", "kind": "plain"} for n in range(3) for name in ("good", "bad")]
    rows += [{"text": f"ironic {n}", "kind": "irony"} for n in range(3)]
    project = make_open(actor=requester, organisation=organisation, rows=rows, redundancy=4)
    make.make_money(organisation, 10**8)
    for place in range(4):
        work(make.make_worker(), project, minds(place), limit=9)
    aggregate(project.pk)

    sign_in(requester)
    page.goto(f"/requester/projects/{project.pk}/")
    page.get_by_role("link", name="Guidelines", exact=True).click()
    page.get_by_label("Put items into groups by").select_option("kind")
    page.get_by_role("button", name="Show").click()
    row = page.get_by_role("row", name="good or bad")
    expect(row).to_contain_text("irony")
    axe(page)
    shot(page, "requester-guidance")
    row.get_by_role("link", name="Decide").click()
    axe(page)
    page.get_by_role("button", name="Decide once").click()
    expect(page.locator(".fault").first).to_be_visible()  # neither a label nor a reason

    page.get_by_role("radio", name="bad").check()
    page.get_by_label("Why").fill("Irony means the opposite.")
    page.locator("input[name=anew]").first.check()
    page.locator("input[name=gold]").nth(1).check()
    shot(page, "requester-ruling")
    page.get_by_role("button", name="Decide once").click()
    expect(page.get_by_text("Decided, once for all of these.")).to_be_visible()
    expect(page.get_by_text("good or bad: bad (version 1)")).to_be_visible()
    axe(page)

    ruling = Ruling.objects.get()
    assert "Irony means the opposite." in ruling.version.text
    assert Task.objects.filter(project=project, open=True).count() == 1
    assert Task.objects.filter(project=project, is_gold=True).count() == 1

    page.get_by_role("link", name="Ask tasks again after a change").click()  # the plain ones, if he wants them so
    page.get_by_role("button", name="Show what it costs").click()
    axe(page)
    shot(page, "requester-reopening")
    page.get_by_role("button", name="Ask these 6 tasks again for").click()
    expect(page.get_by_text("Asked again: 6 tasks.")).to_be_visible()
    assert Task.objects.filter(project=project, open=True).count() == 7
