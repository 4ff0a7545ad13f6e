"""Disputes in a real browser: be rejected, appeal and be paid; a reviewer sends back."""

import re

from playwright.sync_api import expect

from crowd.assignments.models import Assignment
from crowd.assignments.services import reject
from crowd.assignments.services.grounds import Grounds
from crowd.consensus.services.aggregate import aggregate
from crowd.kernel import clock
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.notices.services import letters
from crowd.projects.services import budget, config
from crowd.review import jobs
from crowd.users.models import Organisation, User
from tests import make
from tests.browser import world
from tests.browser.conftest import NewContext, SignIn, until
from tests.browser.test_work_pages import answer
from tests.browser.working import Axe, Shot
from tests.check import all_is_well
from workers.services.pseudonyms import pseudonym_for


def test_be_rejected_appeal_and_be_paid(
    new_context: NewContext, sign_in: SignIn, axe: Axe, shot: Shot,
    requester: User, organisation: Organisation, staff: User,
) -> None:  # fmt: skip
    worker = world.ready_worker()
    project = world.digits(requester, organisation, count=1)
    done = answer(worker, project, {"digit": "4"})
    grounds = Grounds(evidence="written", reason="It is a clear 9.")
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
    expect(desk.get_by_alt_text("The item to label")).to_be_visible()  # whoever decides sees what the worker saw
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


def test_a_reviewer_sends_back_and_the_worker_answers_once_more(
    new_context: NewContext, sign_in: SignIn, axe: Axe, shot: Shot, requester: User, organisation: Organisation
) -> None:
    worker, expert = world.ready_worker(), make.make_worker()
    before = "# Digits\nChoose the digit that was meant."
    project = world.digits(requester, organisation, count=1, redundancy=1, guidelines=before)
    make.make_money(organisation, 1_000_000)
    budget.add_budget(actor=requester, project_id=project.pk, reserve="review", amount_micros=1_000_000)
    done = answer(worker, project, {"digit": "9"})
    boss, theirs, mine = new_context(), new_context(), new_context(phone=True, dark=True)
    sign_in(requester, boss)
    sign_in(expert.user, theirs)
    sign_in(worker.user, mine)

    page = boss.new_page()
    page.goto(f"/requester/projects/{project.pk}/reviews/")
    page.get_by_label("Drawn by lot").fill("100")
    page.get_by_label("A review pays").fill("0.10")
    page.get_by_label("Rework pays on top").fill("0.02")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It holds")).to_be_visible()
    page.get_by_label("A worker's code").fill(pseudonym_for(organisation, expert))
    page.get_by_role("button", name="Name as a reviewer").click()
    expect(page.get_by_text("The reviewer is named.")).to_be_visible()
    aggregate(project.pk)
    jobs.sweep()
    page.reload()
    expect(page.get_by_text("drawn by lot", exact=True)).to_be_visible()
    axe(page)
    shot(page, "requester-reviews")

    page = theirs.new_page()
    page.goto("/work/reviews/")
    axe(page)
    page.get_by_role("button", name="Review Digits").click()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Say one thing about each answer.")).to_be_visible()
    page.get_by_label("send back for rework").check()
    page.get_by_label("A word to the worker").fill("Look at its lower half.")
    axe(page)
    shot(page, "reviewer")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Done. Thank you for looking.")).to_be_visible()

    config.set_guidelines(actor=requester, project_id=project.pk, text=f"{before}\nA closed top is a 0.")
    page = mine.new_page()
    page.goto("/notices/")
    page.get_by_role("button", name="A reviewer asks you to look again").click()
    expect(page.get_by_text("+ A closed top is a 0.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="I have read this").click()
    page.get_by_text("The guidelines have changed since you answered").click()
    expect(page.get_by_text("+ A closed top is a 0.")).to_be_visible()
    expect(page.get_by_text("Look at its lower half.")).to_be_visible()
    expect(page.get_by_text("It pays $0.02 on top.")).to_be_visible()
    expect(page.locator("#task [data-left]")).to_have_text(re.compile(r"^47 h 5\d min left$"))
    expect(page.get_by_role("button", name="Let my answer stand")).to_be_visible()
    expect(page.get_by_role("button", name="Return")).to_have_count(0)
    axe(page)
    shot(page, "worker-rework-phone-dark")
    page.get_by_label("0", exact=True).check()
    page.get_by_role("button", name="Submit").click()
    until(lambda: Assignment.objects.get(pk=done.pk).state == "submitted")

    again = Assignment.objects.get(pk=done.pk)
    assert (again.attempt, again.reward_micros) == (2, 60_000)
    assert balance(accounts.open(holder="worker", holder_id=expert.pk, purpose="available", currency="USD")) == 100_000
    all_is_well()
