"""Gold in a browser: told of the quiz before it starts; a miss is read, contested, and put right by the requester."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from crowd.assignments.models import Participation
from crowd.gold.models import Contest, Revision
from crowd.gold.services import repair
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import NewContext, SignIn, until
from tests.check import all_is_well
from tests.make_project import make_open, texts

Axe = Callable[[Page], None]
Shot = Callable[[Page, str], None]


def test_a_miss_is_read_contested_and_put_right(
    page: Page,
    new_context: NewContext,
    requester: User,
    organisation: Organisation,
    sign_in: SignIn,
    axe: Axe,
    shot: Shot,
) -> None:
    project = make_open(
        actor=requester,
        organisation=organisation,
        title="Moods",
        rows=texts(6, gold=3),
        quiz_length=3,
        quiz_pass=2,
        quiz_cap=2,
        expected_s=20,
        redundancy=1,
        explain_misses=True,
    )
    worker = world.ready_worker()
    sign_in(worker.user)

    page.goto(f"/work/projects/{project.pk}/")
    expect(page.get_by_text("It starts with a quiz of 3 tasks")).to_be_visible()
    expect(page.get_by_text(re.compile(r"about 60 s and pays \$0\.12, passed or not"))).to_be_visible()
    axe(page)
    shot(page, "offer-quiz")
    page.get_by_role("button", name="Start").click()
    page.locator("#task[data-ready]").wait_for()
    page.get_by_text("bad", exact=True).click()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="This one was a task with a known answer")).to_be_visible()
    expect(page.get_by_text("It says so.")).to_be_visible()
    axe(page)
    shot(page, "gold-missed")
    page.get_by_text("You think that your answer is right?").click()
    page.get_by_label("Why? The requester reads it, without your name.").fill("It is ironic.")
    page.get_by_role("button", name="Contest the known answer").click()
    expect(page.get_by_text("You contested this known answer")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Go on with the next task").click()
    page.locator("#task[data-ready]").wait_for()

    desk = new_context()
    sign_in(requester, desk)
    hers = desk.new_page()
    hers.goto(f"/requester/projects/{project.pk}/gold/")
    expect(hers.get_by_text("contested", exact=True)).to_be_visible()
    axe(hers)
    shot(hers, "gold-audit")
    hers.locator("tr", has_text="contested").get_by_role("link").click()
    expect(hers.get_by_text("It is ironic.")).to_be_visible()
    axe(hers)
    shot(hers, "gold-key")
    hers.get_by_label("The right answer").fill("bad")
    hers.get_by_label("What was wrong").first.fill("You are right: it is ironic.")
    hers.get_by_role("button", name="Correct", exact=True).click()
    expect(hers.get_by_text("The key is corrected.")).to_be_visible()
    until(lambda: Contest.objects.get().state == "upheld")
    repair.repair(Revision.objects.get().pk)
    hers.reload()
    expect(hers.get_by_text("1 answer scored anew")).to_be_visible()
    axe(hers)

    participation = Participation.objects.get(worker=worker)
    assert (participation.gold_right, participation.gold_wrong) == (1, 0)
    page.goto("/notices/")
    expect(page.get_by_text("A known answer was wrong, and your record is put right: Moods")).to_be_visible()
    all_is_well()
