"""Answers over the item that they are about: who marked what, in a real browser."""

import re
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus.services.aggregate import aggregate
from crowd.projects.models import Project
from crowd.review import jobs
from crowd.review.services import plans, reviewing
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import NewContext, SignIn
from tests.browser.drawing import of_files, picture
from tests.browser.tools.answering import LABELS
from tests.browser.working import Axe, Shot
from workers.services.pseudonyms import pseudonym_for

BOXES = {"id": "q", "kind": "boxes", "text": "Draw a box around each animal.", "labels": LABELS}
NEAR = {"label": "cat", "x": 100, "y": 100, "width": 200, "height": 150}
BESIDE = NEAR | {"x": 110}
OTHER = {"label": "dog", "x": 450, "y": 150, "width": 250, "height": 250}


def answered(project: Project, *answers: dict[str, Any]) -> int:
    """Each worker says the same of both items, and all is merged; one of the tasks."""
    for number, value in enumerate(answers):
        worker = world.ready_worker(f"w{number}@example.org")
        for _item in range(2):
            held = take.take_next(worker=worker, project_id=project.pk)
            submit(worker=worker, assignment_id=held.pk, value=value, take_next=False)
    aggregate(project.pk)
    return project.tasks.order_by("pk")[0].pk


def open_as(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[data-tool][readonly]:not([data-ready])")).to_have_count(0)
    return page


def test_each_answer_is_a_layer_over_thea_picture_for_the_requester_and_the_reviewer(
    new_context: NewContext, sign_in: SignIn, axe: Axe, shot: Shot, requester: User, organisation: Organisation
) -> None:
    project = of_files(requester, organisation, "image", picture(), "png", [BOXES], redundancy=2)
    task = answered(project, {"q": [NEAR, OTHER]}, {"q": [BESIDE]})
    desk, phone = new_context(), new_context(phone=True, dark=True)
    sign_in(requester, desk)
    page = open_as(desk, f"/requester/projects/{project.pk}/tasks/{task}/")
    boxes, layers = page.locator(".surface .mark"), page.locator(".layers > ul > li")
    expect(layers).to_have_count(3)  # the consensus and two workers
    expect(layers.first).to_contain_text("Consensus")
    drawn = boxes.count()
    assert drawn >= 4
    axe(page)
    shot(page, "requester-layers")
    second = layers.nth(1).get_by_role("checkbox")
    second.focus()
    page.keyboard.press("Space")
    expect(boxes).to_have_count(drawn - 2)
    layers.nth(1).get_by_text("As a list").click()  # which tells them all the same
    expect(layers.nth(1).get_by_role("listitem")).to_have_count(2)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(layers.nth(1).locator('[data-mark="0"]')).to_have_class("mark chosen")
    second.check()
    expect(boxes).to_have_count(drawn)
    expect(page.locator(".surface .mark.chosen")).to_have_count(1)
    view = page.locator(".surface .view")
    page.locator(".surface").focus()
    page.keyboard.press("+")
    expect(view).to_have_attribute("style", re.compile(r"scale\(1\.25\)"))
    page.get_by_role("button", name="Whole").click()
    expect(view).to_have_attribute("style", re.compile(r"scale\(1\)"))
    box = page.locator(".surface svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 90, steps=3)
    page.mouse.up()
    expect(boxes).to_have_count(drawn)  # to be looked at only
    axe(page)

    expert = world.ready_worker("expert@example.org")
    plans.set_plan(actor=requester, project_id=project.pk, share=1)
    plans.name_reviewer(actor=requester, project_id=project.pk, pseudonym=pseudonym_for(organisation, expert))
    jobs.sweep()
    review = reviewing.take(worker=expert, project_id=project.pk)
    sign_in(expert.user, phone)
    page = open_as(phone, f"/work/reviews/{review.pk}/")
    expect(page.locator(".layers > ul > li").nth(2)).to_contain_text("Answer B")
    boxes = page.locator(".surface .mark")
    expect(boxes).to_have_count(drawn)
    page.get_by_role("button", name="Add by numbers").click()  # his own answer, over them
    expect(boxes).to_have_count(drawn + 1)
    axe(page)
