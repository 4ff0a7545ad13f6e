"""A worker's day in a browser: nothing typed is lost, nothing is sent twice, and every page is fit for everybody."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection
from playwright.sync_api import BrowserContext, Page, expect

from crowd.assignments import queries
from crowd.assignments.models import Answer, Assignment, Draft, Leaving
from crowd.assignments.services import accept, give_back
from crowd.projects.models import Project
from crowd.projects.services import config
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import NewContext, SignIn, until
from tests.browser.drawing import drag, is_near, of_files, picture
from tests.browser.late import early
from tests.browser.served import Server
from tests.check import all_is_well
from tests.make_project import make_open, texts
from workers.models import Worker

Axe = Callable[[Page], None]
Shot = Callable[[Page, str], None]
ESSAY: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [
        {"id": "mood", "kind": "choice", "text": "Which mood?", "labels": ["good", "bad"]},
        {"id": "why", "kind": "text", "text": "Why?", "multiline": True},
        {"id": "words", "kind": "number", "text": "How many words?", "required": False},
    ],
}


def essays(requester: User, organisation: Organisation, **terms: Any) -> Project:
    told = {"title": "Moods", "rows": texts(3), "label_config": ESSAY} | terms
    return make_open(actor=requester, organisation=organisation, **told)


def start(page: Page, title: str) -> None:
    page.goto("/work/")
    page.get_by_role("button", name=f"Start {title}").click()
    page.locator("#task[data-ready]").wait_for()


def count_is(wanted: int) -> bool:
    return Answer.objects.count() == wanted


def answers() -> list[Any]:
    return [answer.value["units"][0] for answer in Answer.objects.order_by("pk")]


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


def test_what_was_typed_survives_a_dead_line_a_reload_and_signing_out(
    context: BrowserContext, page: Page, requester: User, organisation: Organisation, sign_in: SignIn
) -> None:
    essays(requester, organisation)
    worker = world.ready_worker()
    sign_in(worker.user)
    page.clock.install()
    start(page, "Moods")
    why = page.get_by_label("Why?")

    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=30))
    page.get_by_label("good").check()
    why.fill("because it says")
    page.clock.run_for(2_000)
    until(lambda: Draft.objects.filter(value__contains={"u0.why": ["because it says"]}).exists())
    page.clock.resume()

    context.set_offline(True)
    why.press_sequentially(" so")
    expect(page.get_by_text("kept in this browser")).to_be_visible()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("No connection. Your answer is kept")).to_be_visible()
    assert Answer.objects.count() == 0
    page.close()  # the browser dies with its line
    context.set_offline(False)

    page = context.new_page()
    page.goto(f"/work/tasks/{Assignment.objects.get(opened_at__isnull=False).pk}/")
    expect(page.get_by_label("Why?")).to_have_value("because it says so")
    expect(page.get_by_label("good")).to_be_checked()

    context.clear_cookies()
    page.get_by_label("Why?").press_sequentially(", twice")
    expect(page.get_by_text("You are signed out. What you typed is kept.")).to_be_visible()
    sign_in(worker.user)
    page.reload()
    expect(page.get_by_label("Why?")).to_have_value("because it says so, twice")
    page.get_by_role("button", name="Submit", exact=True).click()
    until(lambda: Answer.objects.count() == 1)
    assert answers() == [{"mood": "good", "why": "because it says so, twice"}]
    until(lambda: not Draft.objects.filter(assignment__state="submitted").exists())


def test_the_server_is_killed_while_somebody_types_and_draws_and_nothing_is_lost(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn
) -> None:
    boxes = {"id": "things", "kind": "boxes", "text": "Mark them.", "labels": ["round", "square"]}
    of_files(requester, organisation, "image", picture(), "png", [*ESSAY["questions"][:2], boxes])
    sign_in(world.ready_worker().user)
    server = Server(connection.settings_dict["NAME"])
    marks = "[data-marks] > li"
    try:
        until(server.answers)
        page.goto(f"{server.url}/work/")
        page.get_by_role("button", name="Start Of image").click()
        page.locator("#task[data-ready]").wait_for()
        task = page.url
        page.get_by_label("good").check()
        page.get_by_label("Why?").fill("before")
        drag(page, (100, 100), (300, 250))
        until(lambda: Draft.objects.filter(value__contains={"u0.why": ["before"]}).exists())
        until(lambda: "round" in str(Draft.objects.values_list("value", flat=True).first()))

        server.kill()
        page.get_by_label("Why?").press_sequentially(", while")
        page.keyboard.press("Escape")
        drag(page, (450, 150), (700, 400))
        expect(page.locator(marks)).to_have_count(2)
        expect(page.get_by_text("kept in this browser")).to_be_visible()
        page.close()  # and the browser with it
        server.start()
        until(server.answers)
        page = page.context.new_page()
        page.goto(task)
        expect(page.get_by_label("Why?")).to_have_value("before, while")
        expect(page.locator(marks)).to_have_count(2)
        page.locator("#task[data-ready]").wait_for()

        server.kill()
        page.get_by_label("Why?").press_sequentially(" and after")
        page.get_by_role("button", name="Submit", exact=True).click()
        expect(page.get_by_text("No connection. Your answer is kept")).to_be_visible()
        assert Answer.objects.count() == 0
        server.start()

        until(lambda: Answer.objects.count() == 1)  # by itself
        (answer,) = answers()
        assert (answer["mood"], answer["why"]) == ("good", "before, while and after")
        first, second = answer["things"]
        is_near(first, {"label": "round", "x": 100, "y": 100, "width": 200, "height": 150})
        is_near(second, {"label": "round", "x": 450, "y": 150, "width": 250, "height": 250})
    finally:
        server.kill()


def test_the_server_alone_brings_it_back_in_another_browser(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn, new_context: NewContext
) -> None:
    """There the scripts come late: what was chosen before them stays, and is saved beside what was typed at home. And
    who only looks at it at home then sees it, and overwrites nothing."""
    essays(requester, organisation, time_limit_s=150)  # all of it is the part in which the page says that he is there
    worker = world.ready_worker()
    sign_in(worker.user)
    page.clock.install()
    start(page, "Moods")
    page.get_by_label("Why?").fill("typed at home")
    until(lambda: "typed at home" in str(list(Draft.objects.values_list("value", flat=True))))

    elsewhere = new_context()
    sign_in(worker.user, elsewhere)
    other = elsewhere.new_page()
    scripts = early(other, f"/work/tasks/{Assignment.objects.get(opened_at__isnull=False).pk}/")
    other.get_by_label("good").check()
    scripts.lets_through()

    expect(other.get_by_label("Why?")).to_have_value("typed at home")
    expect(other.get_by_text("saved", exact=True)).to_be_visible()
    expect(other.get_by_label("good")).to_be_checked()
    both = {"u0.mood": ["good"], "u0.why": ["typed at home"]}
    assert Draft.objects.get().value == both

    page.bring_to_front()
    page.clock.fast_forward(11_000)
    expect(page.get_by_label("good")).to_be_checked()
    assert Draft.objects.get().value == both

    said: list[str] = []
    page.on("request", lambda one: said.append(one.url) if one.method == "PUT" else None)
    give_back.return_task(worker=worker, assignment_id=Draft.objects.get().assignment_id)
    page.clock.fast_forward(11_000)
    expect(page.get_by_text("You do not hold this task any more.")).to_be_visible()
    page.clock.fast_forward(33_000)
    page.evaluate("fetch(location.href)")  # whatever was to be sent before it is sent
    assert len(said) == 1


def test_a_submit_without_a_line_is_tried_until_it_arrives(
    context: BrowserContext, page: Page, requester: User, organisation: Organisation, sign_in: SignIn
) -> None:
    essays(requester, organisation)
    sign_in(world.ready_worker().user)
    start(page, "Moods")
    page.get_by_label("bad").check()
    page.get_by_label("Why?").fill("no line")

    context.set_offline(True)
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("No connection. Your answer is kept")).to_be_visible()
    context.set_offline(False)

    until(lambda: Answer.objects.count() == 1)
    expect(page.get_by_label("Why?")).to_have_value("")


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


def test_two_windows_on_one_task(
    context: BrowserContext, page: Page, requester: User, organisation: Organisation, sign_in: SignIn
) -> None:
    essays(requester, organisation)
    sign_in(world.ready_worker().user)
    start(page, "Moods")
    second = context.new_page()
    second.goto(page.url)
    third, drawn = context.new_page(), context.request.get(page.url)  # its page is on its way for long

    second.get_by_label("good").check()
    second.get_by_label("Why?").fill("from the second window")
    until(lambda: page.get_by_label("Why?").input_value() == "from the second window")
    expect(second.locator("span[data-saved]")).to_have_text("saved")
    third.route(page.url, lambda route: route.fulfill(response=drawn), times=1)
    third.goto(page.url)
    expect(third.get_by_label("Why?")).to_have_value("from the second window")

    second.get_by_role("button", name="Submit", exact=True).click()
    until(lambda: Answer.objects.count() == 1)
    expect(page.get_by_text("This task was submitted in another window.")).to_be_visible()
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("heading", name="You submitted this task")).to_be_visible()
    page.get_by_role("button", name="Go on with the next task").click()
    expect(page).to_have_url(second.evaluate("location.href"))


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
