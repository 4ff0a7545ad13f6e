"""Workers, a requester and staff write each other, in a real browser, on a phone in the dark and at a desk."""

from datetime import timedelta

from playwright.sync_api import expect

from crowd.kernel import clock
from crowd.talk.services import announcing
from crowd.talk.services.announcing import Wording
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import NewContext, SignIn
from tests.browser.test_work_pages import answer
from tests.browser.working import Axe, Shot
from tests.check import all_is_well


def test_ask_the_requester_the_others_and_staff(
    new_context: NewContext, sign_in: SignIn, axe: Axe, shot: Shot,
    requester: User, organisation: Organisation, staff: User,
) -> None:  # fmt: skip
    worker = world.ready_worker()
    worker.accepted_count = 50
    worker.save(update_fields=["accepted_count"])
    project = world.digits(requester, organisation, count=2)
    done = answer(worker, project, {"digit": "4"})
    announce(staff)
    mine, theirs, desk = new_context(phone=True, dark=True), new_context(), new_context()
    for user, context in ((worker.user, mine), (requester, theirs), (staff, desk)):
        sign_in(user, context)

    page = mine.new_page()
    page.goto(f"/work/tasks/{done.pk}/")
    expect(page.get_by_text("The site rests on Sunday.")).to_be_visible()
    axe(page)
    shot(page, "announcement-phone-dark")
    page.get_by_role("button", name="I have read this").click()
    expect(page.get_by_text("The site rests on Sunday.")).to_be_hidden()
    page.get_by_role("link", name="Write to the requester about it").click()
    expect(page.get_by_text("About a task of yours")).to_be_visible()
    page.get_by_label("Your message").fill("Is the one with the open top a 4?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent.")).to_be_visible()
    axe(page)
    shot(page, "messages-phone-dark")

    boss = theirs.new_page()
    boss.goto(f"/requester/projects/{project.pk}/messages/")
    axe(boss)
    boss.get_by_role("listitem").filter(has_text="1 not read").get_by_role("link").click()
    expect(boss.get_by_text("Is the one with the open top a 4?")).to_be_visible()
    boss.get_by_label("Your message").fill("Yes, it is.")
    boss.get_by_role("button", name="Send").click()
    expect(boss.get_by_text("Sent.")).to_be_visible()
    axe(boss)
    shot(boss, "requester-messages")
    boss.get_by_role("navigation", name="Project").get_by_role("link", name="Messages").click()
    boss.get_by_role("link", name="Announce to all workers").click()
    axe(boss)
    shot(boss, "requester-announcements")

    page.goto("/work/board/")
    axe(page)
    page.get_by_role("link", name="New topic").first.click()
    page.get_by_label("Your handle").fill("wanda")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="New topic").first.click()
    page.get_by_label("Title").fill("Which projects are clear?")
    page.get_by_label("Text").fill("Digits is, and its requester answers.")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_text("Digits is, and its requester answers.")).to_be_visible()
    axe(page)
    shot(page, "board-topic-phone-dark")
    page.goto("/work/board/")
    shot(page, "board-phone-dark")

    page.goto(f"/work/projects/{project.pk}/")
    page.get_by_role("contentinfo").get_by_role("link", name="Help").click()
    expect(page.get_by_text(f"the page you came from: /work/projects/{project.pk}/")).to_be_visible()
    axe(page)
    shot(page, "help-ask-phone-dark")
    page.get_by_label("Money, earnings, payouts").check()
    page.get_by_label("In a few words").fill("When am I paid?")
    page.get_by_label("What happened, and what you would like").fill("It says in a week.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("An answer is promised")).to_be_visible()
    axe(page)

    office = desk.new_page()
    office.goto("/staff/")
    axe(office)
    shot(office, "staff-today-help")
    office.get_by_role("link", name="When am I paid?").click()
    office.get_by_label("Answer").fill("On Friday.")
    office.get_by_role("button", name="Answer").click()
    expect(office.get_by_text("On Friday.")).to_be_visible()
    axe(office)
    shot(office, "staff-ticket")
    page.reload()
    expect(page.get_by_text("On Friday.")).to_be_visible()
    shot(page, "help-ticket-phone-dark")
    page.goto("/account/notices/")
    page.get_by_label("I am given a bonus").select_option("none")
    axe(page)
    shot(page, "notice-choices-phone-dark")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("I am given a bonus")).to_have_value("none")
    all_is_well()


def announce(staff: User) -> None:
    said = Wording(title="Rest", text="The site rests on Sunday.", ends_at=clock.now() + timedelta(days=3))
    announcing.announce(actor=staff, audience="workers", said=said)
