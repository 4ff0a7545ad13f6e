"""Another version of the questions while they are answered: what it touches is seen before it is done."""

from typing import Any

from playwright.sync_api import Page, expect

from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus.models import Consensus
from crowd.consensus.services.aggregate import aggregate
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from tests import make
from tests.browser import world
from tests.browser.conftest import NewContext, SignIn
from tests.browser.working import Axe, Shot
from tests.check import all_is_well
from tests.make_project import make_open

ASKED: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [
        {"id": "animal", "kind": "choice", "text": "Which animal?", "labels": ["cat", "dog", "wolf", "bird"]}
    ],
}


def answered(requester: User, organisation: Organisation) -> Project:
    rows = [{"text": f"a {animal}"} for animal in ("cat", "wolf", "bird")]
    project = make_open(actor=requester, organisation=organisation, rows=rows, label_config=ASKED, redundancy=1)
    worker = world.ready_worker()
    for _row in rows:
        held = take.take_next(worker=worker, project_id=project.pk)
        animal = held.task.payload["units"][0]["text"][2:]
        submit(worker=worker, assignment_id=held.pk, value={"animal": animal}, take_next=False)
    aggregate(project.pk)
    return project


def mapped(page: Page) -> None:
    page.get_by_label("cat", exact=True).select_option("becomes feline")
    page.get_by_label("wolf", exact=True).select_option("becomes dog")
    page.get_by_label("bird", exact=True).select_option("is dropped: answers with it say nothing any more")
    page.get_by_role("button", name="Show what it comes to").click()


def test_labels_are_renamed_merged_and_dropped_and_a_question_is_added(
    new_context: NewContext, sign_in: SignIn, axe: Axe, shot: Shot, requester: User, organisation: Organisation
) -> None:
    project = answered(requester, organisation)
    make.make_money(organisation, 1_000_000)
    desk = new_context()
    sign_in(requester, desk)
    page = desk.new_page()
    page.goto(f"/requester/projects/{project.pk}/setup/question/")
    page.get_by_label("Labels").fill("feline\ndog\nfish")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("From version 1 to version 2")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Show what it comes to").click()
    expect(page.locator(".fault").first).to_be_visible()  # nothing is dropped without a word
    mapped(page)
    plan = page.locator("#plan")
    expect(plan.locator("dd").nth(0)).to_have_text("3")
    expect(plan.locator("dd").nth(2)).to_have_text("1")
    plan.get_by_text("Which they are").click()
    expect(plan.get_by_role("link", name="a bird")).to_be_visible()
    axe(page)
    shot(page, "requester-version")

    page.get_by_role("button", name="Back to the questions").click()  # what was edited is there again
    assert page.get_by_label("Labels").input_value() == "feline\ndog\nfish"
    page.get_by_role("button", name="Save and go on").click()
    mapped(page)
    page.get_by_label("wolf", exact=True).select_option("becomes fish")
    page.get_by_role("button", name="ask 1 task again").click()
    expect(page.get_by_text("You chose otherwise than was shown.")).to_be_visible()
    project.refresh_from_db()
    assert project.config is not None
    assert project.config.version == 1
    page.get_by_role("button", name="ask 1 task again").click()
    expect(page.get_by_text("Version 2 is asked from now on. Tasks asked again: 1.")).to_be_visible()

    aggregate(project.pk)
    said = Consensus.objects.filter(project=project).values_list("task__payload__units__0__text", "value")
    assert dict(said) == {"a cat": "feline", "a wolf": "fish"}
    assert Task.objects.get(project=project, open=True).payload["units"][0]["text"] == "a bird"
    all_is_well()

    phone = new_context(phone=True, dark=True)
    sign_in(requester, phone)
    page = phone.new_page()
    page.goto(f"/requester/projects/{project.pk}/setup/question/")
    page.get_by_role("button", name="Ask another question").click()
    page.locator("[name=q-1-text]").fill("Why?")
    page.locator("[name=q-1-kind]").select_option("text")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.locator("#plan dd").nth(2)).to_have_text("2")  # nothing is renamed: what it comes to is there at once
    axe(page)
