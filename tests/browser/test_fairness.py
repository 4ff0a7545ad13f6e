"""Disputes in a real browser: be rejected, appeal and be paid."""

from playwright.sync_api import expect

from crowd.assignments.services import reject
from crowd.kernel import clock
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.notices.services import letters
from crowd.users.models import Organisation, User
from tests import make
from tests.browser import world
from tests.browser.conftest import NewContext, SignIn
from tests.browser.test_work import Axe, Shot
from tests.browser.test_work_pages import answer
from tests.check import all_is_well


def test_be_rejected_appeal_and_be_paid(
    new_context: NewContext, sign_in: SignIn, axe: Axe, shot: Shot,
    requester: User, organisation: Organisation, staff: User,
) -> None:  # fmt: skip
    worker = world.ready_worker()
    project = world.digits(requester, organisation, count=1)
    done = answer(worker, project, {"digit": "4"})
    grounds = reject.Grounds(evidence="written", reason="It is a clear 9.")
    reject.reject(actor=requester, project_id=project.pk, assignment_ids=[done.pk], grounds=grounds, reopen=False)
    make.make_money(organisation, 1_000_000)
    mine, theirs = new_context(phone=True, dark=True), new_context()
    sign_in(worker.user, mine)
    sign_in(staff, theirs)

    page = mine.new_page()
    page.goto("/work/")
    page.get_by_role("link", name="Notices").click()
    expect(page.get_by_text("It is a clear 9.")).to_be_visible()
    axe(page)
    shot(page, "notices-phone-dark")
    page.get_by_role("button", name="1 answer of yours was rejected").click()
    page.get_by_role("link", name="Contest this rejection").click()
    page.get_by_role("button", name="Appeal").click()
    expect(page.get_by_text("This field is required").first).to_be_visible()
    axe(page)
    page.get_by_label("Why it is wrong").fill("Its top is open: it is a 4.")
    shot(page, "worker-appeal-phone-dark")
    page.get_by_role("button", name="Appeal").click()
    expect(page.get_by_text("Your appeal is in.")).to_be_visible()
    expect(page.get_by_text("your appeal: waits for a decision")).to_be_visible()
    axe(page)

    answer(make.make_worker(), project, {"digit": "4"})  # somebody is asked the same, and knows nothing of it
    desk = theirs.new_page()
    desk.goto("/staff/")
    desk.get_by_role("link", name="a rejected answer").click()
    expect(desk.get_by_text("Its top is open: it is a 4.")).to_be_visible()
    expect(desk.get_by_text("asked again, blind").first).to_be_visible()
    axe(desk)
    shot(desk, "staff-appeal")
    desk.get_by_label("Reason").first.fill("The other worker sees a 4 too.")
    desk.get_by_role("button", name="Grant it", exact=True).click()
    expect(desk.get_by_text("Granted.")).to_be_visible()

    page.goto("/notices/")
    expect(page.get_by_text("The other worker sees a 4 too.")).to_be_visible()
    page.goto("/work/earnings/")
    assert balance(accounts.open(holder="worker", holder_id=worker.pk, purpose="available", currency="USD")) == 40_000
    boss = new_context()
    sign_in(requester, boss)
    page = boss.new_page()
    page.goto(f"/requester/projects/{project.pk}/appeals/")
    expect(page.get_by_text("1 of 1 were granted")).to_be_visible()
    axe(page)
    shot(page, "requester-appeals")
    clock.advance(letters.QUIET)
    letters.collect()
    assert sum(letters.send(id) for id in letters.due()) >= 2
    all_is_well()
