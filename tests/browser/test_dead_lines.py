"""Nothing typed is lost: without a line, without a server, in another browser, and in two windows at once."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from playwright.sync_api import BrowserContext, Page, expect

from crowd.assignments.models import Answer, Assignment, Draft
from crowd.assignments.services import give_back
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import NewContext, SignIn, until
from tests.browser.drawing import drag, is_near, of_files, picture
from tests.browser.late import early
from tests.browser.served import Server
from tests.browser.working import ESSAY, answers, essays, start


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
