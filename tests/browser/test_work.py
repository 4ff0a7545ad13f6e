"""A worker's day in a browser: every page is fit for everybody, and nothing is sent twice."""

import re
from functools import partial

from playwright.sync_api import Page, expect

from crowd.assignments import queries
from crowd.assignments.models import Answer, Assignment, Leaving
from crowd.assignments.services import accept
from crowd.projects.services import config
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import SignIn, until
from tests.browser.working import Axe, Shot, answers, count_is, essays, start
from tests.check import all_is_well
from workers.models import Worker


def test_from_signing_up_to_the_first_paid_task(
    page: Page, requester: User, organisation: Organisation, axe: Axe, shot: Shot
) -> None:
    project = world.digits(requester, organisation, guidelines="# Digits\nChoose the digit that was **meant**.")
    page.set_viewport_size({"width": 1280, "height": 800})

    page.goto("/")
    page.get_by_role("link", name="Sign up", exact=True).first.click()
    page.get_by_role("button", name="Sign up").wait_for()
    axe(page)
    world.sign_up(page, "newcomer@example.org")

    axe(page)
    page.get_by_role("link", name="Become a worker").click()
    page.get_by_role("button", name="Begin").click()  # nothing filled in: answered beside the fields
    expect(page.get_by_text("Only people of 18 or more can work here.").last).to_be_visible()
    axe(page)
    page.get_by_label("Country you live in").select_option("DE")
    page.get_by_label("I am 18 or older.").check()
    page.get_by_label("I have read and agree").check()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="What to expect")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="See the work").click()
    page.get_by_role("button", name="Start Digits").wait_for()
    axe(page)
    page.get_by_role("button", name="Start Digits").click()
    expect(page.get_by_role("heading", name="Read this first")).to_be_visible()
    axe(page)
    shot(page, "task-guidelines")
    page.keyboard.press("Enter")  # I have read this
    page.get_by_role("group", name="Which digit?").wait_for()
    page.locator("#task[data-ready]").wait_for()
    axe(page)
    page.keyboard.press("7")
    page.keyboard.press("Enter")
    until(lambda: Answer.objects.count() == 1)

    worker = Worker.objects.get()
    accept.accept(actor=requester, project_id=project.pk, assignment_ids=[Assignment.objects.earliest("pk").pk])
    page.goto("/work/earnings/")
    expect(page.get_by_role("region", name="USD").get_by_text("$0.04")).to_be_visible()
    axe(page)
    assert worker.user.acceptances.count() == 3
    all_is_well()


def test_five_digits_by_keyboard_alone(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn, axe: Axe, shot: Shot
) -> None:
    world.digits(requester, organisation, count=6)
    sign_in(world.ready_worker().user)
    start(page, "Digits")
    shot(page, "task")
    picture = page.locator("crowd-pictures .view")
    page.keyboard.press("+")
    picture.click()
    page.keyboard.press("ArrowRight")  # a digit goes on being an answer
    expect(picture).to_have_attribute("style", re.compile(r"translate\(-40px, 0px\) scale\(1.25\)"))

    for done, digit in enumerate("01234"):
        page.keyboard.press(digit)
        page.keyboard.press("Enter")
        until(partial(count_is, done + 1))
        until(lambda: page.locator("#task :checked").count() == 0)

    assert [one["digit"] for one in answers()] == list("01234")
    until(lambda: page.locator("#task img").evaluate("image => image.complete && image.naturalWidth > 0"))
    assert all(0 <= (answer.active_ms or 0) <= answer.elapsed_ms + 1000 for answer in Answer.objects.all())
    axe(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    assert page.faults == []  # type: ignore[attr-defined]


def test_a_double_click_submits_once(page: Page, requester: User, organisation: Organisation, sign_in: SignIn) -> None:
    world.digits(requester, organisation, count=4)
    sign_in(world.ready_worker().user)
    start(page, "Digits")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/submit/") else None)

    page.keyboard.press("3")
    page.locator("[data-submit]").dblclick()
    until(lambda: Answer.objects.count() >= 1)
    until(lambda: page.locator("#task :checked").count() == 0)

    assert len(sent) == 1
    assert Answer.objects.count() == 1
    assert Assignment.objects.filter(queries.OPENED, state="active").count() == 1


def test_the_back_button_after_submitting_shows_what_became_of_it(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn, axe: Axe, shot: Shot
) -> None:
    world.digits(requester, organisation, count=4)
    sign_in(world.ready_worker().user)
    start(page, "Digits")
    first = page.url
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(first)

    page.go_back()

    expect(page.get_by_role("heading", name="You submitted this task")).to_be_visible()
    axe(page)
    shot(page, "task-submitted")
    page.get_by_role("button", name="Go on with the next task").click()
    until(lambda: page.locator("#task").count() == 1)
    assert Answer.objects.count() == 1


def test_what_cannot_be_answered_is_reported_and_what_is_not_liked_returned(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn, axe: Axe
) -> None:
    world.digits(requester, organisation, count=4)
    sign_in(world.ready_worker().user)
    start(page, "Digits")

    page.keyboard.press("c")
    axe(page)
    page.get_by_label("It does not load").check()
    page.get_by_role("button", name="Submit the report").click()
    until(lambda: Answer.objects.count() == 1)
    assert Answer.objects.get().cannot_answer == "media_broken"

    until(lambda: page.locator("#task [data-cannot][open]").count() == 0)
    page.keyboard.press("r")
    axe(page)
    page.get_by_label("too hard").check()
    page.get_by_role("button", name="Return it").click()
    expect(page.get_by_text("It costs you nothing.")).to_be_visible()
    assert Assignment.objects.get(state="returned").return_reason == "too_hard"


def test_an_answer_that_does_not_fit_is_said_and_kept(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn, axe: Axe
) -> None:
    essays(requester, organisation)
    sign_in(world.ready_worker().user)
    start(page, "Moods")
    page.get_by_label("Why?").fill("half an answer")

    page.get_by_role("button", name="Submit", exact=True).click()

    expect(page.locator(".say .notice.bad")).to_be_visible()
    expect(page.get_by_label("Why?")).to_have_value("half an answer")
    axe(page)
    assert Answer.objects.count() == 0


def test_changed_guidelines_are_shown_as_changes_and_confirmed(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn, axe: Axe, shot: Shot
) -> None:
    project = world.digits(requester, organisation, count=4, guidelines="Choose the digit.\n\nA crossed seven is a 7.")
    sign_in(world.ready_worker().user)
    page.goto("/work/")
    page.get_by_role("button", name="Start Digits").click()
    expect(page.get_by_role("heading", name="Read this first")).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Which digit?").wait_for()
    page.locator("#task[data-ready]").wait_for()
    page.keyboard.press("1")
    config.set_guidelines(
        actor=requester,
        project_id=project.pk,
        text="Choose the digit.\n\nA crossed seven is a 7. A crossed zero is a 0.",
    )

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="The guidelines have changed (version 2)")).to_be_visible()
    expect(page.locator("ins")).to_contain_text("A crossed zero is a 0.")
    axe(page)
    shot(page, "task-guidelines-changed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Which digit?")).to_be_visible()


def test_content_with_a_warning_is_agreed_to_and_blurred(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn, axe: Axe, shot: Shot
) -> None:
    world.digits(requester, organisation, count=4, content_warnings=["medical"])
    sign_in(world.ready_worker().user)
    page.goto("/work/")
    page.get_by_role("link", name="something is missing").click()
    expect(page.get_by_text("It shows medical images, which you have not agreed to see.")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Choose which content").click()
    page.get_by_label("medical images").check()
    page.get_by_label("half as much again").check()
    axe(page)
    shot(page, "about-me")
    page.get_by_role("button", name="Save").click()

    start(page, "Digits")
    expect(page.locator("[data-item].blurred")).to_have_count(1)
    page.keyboard.press("b")
    expect(page.locator("[data-item].blurred")).to_have_count(0)
    held = Assignment.objects.get(opened_at__isnull=False)  # beside it the next one may be reserved ahead
    assert (held.deadline - held.taken_at).total_seconds() == 900  # of 600, half as much again

    page.wait_for_timeout(1100)  # of active time
    page.keyboard.press("r")
    axe(page)
    page.get_by_role("button", name="Leave it, with pay for my time").click()
    expect(page.get_by_text("You left the task. Your time is paid: $")).to_be_visible()
    left = Leaving.objects.get(assignment=held)
    assert 1 <= left.seconds < 600
    all_is_well()


def test_the_next_picture_is_there_before_it_is_asked_for(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn
) -> None:
    world.digits(requester, organisation, count=4)
    sign_in(world.ready_worker().user)
    loaded: list[str] = []
    page.on("requestfinished", lambda one: loaded.append(one.url) if "/media/" in one.url else None)

    def pictures() -> int:
        page.locator("#task").count()  # or nothing would be heard of the browser
        return len(loaded)

    start(page, "Digits")
    until(lambda: pictures() == 2)  # this one, and the next
    assert Assignment.objects.filter(opened_at=None).count() == 1

    page.keyboard.press("1")
    page.keyboard.press("Enter")
    until(lambda: pictures() == 3)  # the one after it, and nothing again

    shown = page.locator("[data-item] img").evaluate("image => image.src")
    assert shown == loaded[1]
    assert len(set(loaded)) == 3
    all_is_well()
