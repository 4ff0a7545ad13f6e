"""A slow line: what is typed or chosen before the scripts of a page come, or while a part of it is on its way, is not
lost, and is followed as if it were done when they are there."""

import io
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crowd.assignments.models import Assignment, Draft
from crowd.assignments.services import drafts
from crowd.projects.models import Project
from crowd.projects.services import uploads
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import SignIn, until
from tests.browser.late import Line, early
from tests.make_project import make_draft, make_open

RECORD: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [
        {
            "id": "who", "kind": "record", "text": "Who wrote it?",
            "fields": [{"name": "first", "title": "First name"}, {"name": "last", "title": "Last name"}],
        },
        {"id": "why", "kind": "text", "text": "Why?"},
    ],
}  # fmt: skip


@pytest.fixture
def project(requester: User, organisation: Organisation, sign_in: SignIn) -> Project:
    sign_in(requester)
    return make_draft(actor=requester, organisation=organisation, rows=[{"text": "A word. Another one."}] * 3)


def test_what_is_set_before_the_scripts_come_is_followed_when_they_do(page: Page, project: Project) -> None:
    setup = f"/requester/projects/{project.pk}/setup"
    scripts = early(page, f"{setup}/question/")
    page.get_by_label("Question", exact=True).fill("How does it sound?")
    scripts.lets_through()
    expect(page.locator("#preview")).to_contain_text("How does it sound?")

    scripts = early(page, f"{setup}/question/")
    page.get_by_label("Answered by").select_option("text")
    scripts.lets_through()
    expect(page.get_by_label("Labels", exact=True)).to_have_count(0)  # its own settings

    scripts = early(page, f"{setup}/price/")
    page.get_by_label("Reward for one accepted answer").fill("0.50")
    scripts.lets_through()
    expect(page.locator("#parts")).to_contain_text("$0.60")

    page.reload()  # a browser may put back what stood there; what is shown beside it is of that
    reward = page.get_by_label("Reward for one accepted answer").input_value()
    expect(page.locator("#parts")).to_contain_text("$0.60" if reward == "0.50" else "$0.048")

    scripts = early(page, f"{setup}/data/")
    page.locator("summary", has_text="From items to tasks").click()
    page.get_by_label("Cut items").select_option("sentence")
    scripts.lets_through()
    expect(page.locator("#pieces")).to_contain_text("becomes 2 tasks")

    scripts = early(page, f"{setup}/price/")
    page.get_by_label("Language").select_option("de")
    scripts.lets_through()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.go_back()
    page.go_back()
    until(lambda: "/data/" in page.url, what="the way back is free")


def test_what_is_typed_while_a_part_of_the_page_is_on_its_way_stays(page: Page, project: Project) -> None:
    page.goto(f"/requester/projects/{project.pk}/setup/question/", wait_until="load")
    answers = Line(page, "**/setup/question/")
    with page.expect_request("**/setup/question/"):
        page.get_by_label("Answered by").select_option("text")
    page.get_by_label("Question", exact=True).fill("What does it say?")
    answers.lets_through()

    expect(page.get_by_label("Labels", exact=True)).to_have_count(0)
    expect(page.get_by_label("Question", exact=True)).to_have_value("What does it say?")
    expect(page.locator("#preview")).to_contain_text("What does it say?")


def test_a_text_is_pasted_while_a_file_is_read(page: Page, project: Project, requester: User) -> None:
    file = io.BytesIO(b"text\none more\n")
    upload = uploads.receive(actor=requester, project_id=project.pk, stream=file, filename="more.csv", format="csv")
    page.goto(f"/requester/projects/{project.pk}/setup/data/")
    page.get_by_text("Paste text or a table").click()
    page.get_by_label("Text or table").fill("typed meanwhile")
    uploads.process(upload_id=upload.pk)

    expect(page.get_by_text("is being read")).to_have_count(0)
    expect(page.locator("#so-far")).to_contain_text("4")
    expect(page.get_by_label("Text or table")).to_have_value("typed meanwhile")


def test_an_answer_begun_elsewhere_is_gone_on_with_before_the_tools_are_there(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn
) -> None:
    make_open(actor=requester, organisation=organisation, label_config=RECORD)
    worker = world.ready_worker()
    sign_in(worker.user)
    page.goto("/work/")
    page.get_by_role("button", name="Start Moods").click()
    page.locator("#task[data-ready]").wait_for()
    held = Assignment.objects.get(opened_at__isnull=False)
    saved = {"u0.who": ['{"first":"Ada","last":"Byron"}'], "u0.why": ["typed at home"]}
    drafts.save_draft(worker=worker, assignment_id=held.pk, attempt=held.attempt, value=saved)

    scripts = early(page, f"/work/tasks/{held.pk}/")
    page.get_by_label("Last name").fill("Lovelace")
    page.get_by_role("button", name="Return").click()
    expect(page.get_by_role("dialog", name="Return this task")).to_be_visible()  # needs no script
    page.keyboard.press("Escape")
    scripts.lets_through()

    expect(page.get_by_label("Why?")).to_have_value("typed at home")
    expect(page.get_by_label("First name")).to_have_value("Ada")
    expect(page.get_by_label("Last name")).to_have_value("Lovelace")
    until(lambda: "Lovelace" in str(Draft.objects.get().value))
    assert "Ada" in str(Draft.objects.get().value)


def test_what_the_server_kept_and_could_not_say_so_is_not_taken_for_another_browsers(
    page: Page, requester: User, organisation: Organisation, sign_in: SignIn
) -> None:
    """It dies between the two, more is typed, which cannot be sent, and the page is opened anew."""
    make_open(actor=requester, organisation=organisation, label_config=RECORD)
    sign_in(world.ready_worker().user)
    page.goto("/work/")
    page.get_by_role("button", name="Start Moods").click()
    page.locator("#task[data-ready]").wait_for()

    page.route("**/draft/", lambda route: (route.fetch(), route.abort()))
    page.get_by_label("Why?").fill("before")
    expect(page.get_by_text("kept in this browser")).to_be_visible()
    page.unroute_all()
    assert "before" in str(Draft.objects.get().value)
    page.route("**/draft/", lambda route: route.abort())
    with page.expect_event("requestfailed", lambda request: "while" in (request.post_data or "")):
        page.get_by_label("Why?").fill("before, while")
    page.unroute_all()
    page.goto(page.url)

    expect(page.get_by_label("Why?")).to_have_value("before, while")
    until(lambda: "before, while" in str(Draft.objects.get().value))
