"""Every kind of answer with a real mouse and real keys: what is stored is what was aimed at."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from crowd.assignments.models import Answer
from crowd.projects.models import Project
from crowd.projects.services import config, draft, uploads
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import SignIn, until
from tests.browser.test_work import Axe, Shot
from tests.make_project import make_open
from workers.models import Worker

WIDTH, HEIGHT = 800, 500
LABELS = [{"name": "cat", "key": "a"}, {"name": "dog", "key": "d"}]
TEXT = "Ada 🎉 Lovelace wrote to Charles Babbage in London."
Open = Callable[[Project], Locator]


@pytest.fixture
def open_task(page: Page, sign_in: SignIn) -> Open:
    """open_task(project) brings a worker to its first task; the page is ready when it returns."""

    def bring(project: Project) -> Locator:
        worker: Worker = world.ready_worker()
        sign_in(worker.user)
        page.goto(f"/work/projects/{project.pk}/")
        page.get_by_role("button", name="Start").first.click()
        page.locator("#task[data-ready]").wait_for()
        return page.locator("[data-tool]").last

    return bring


@pytest.fixture
def pictures(requester: User, organisation: Organisation) -> Callable[[dict[str, Any]], Project]:
    """pictures(question) is a published project that asks it about two drawn pictures."""

    def post(question: dict[str, Any]) -> Project:
        project = draft.create(
            actor=requester, organisation=organisation, title="Pictures", reward_micros=40_000, redundancy=1
        )
        asked = {"data": {"kind": "image", "field": "image"}, "questions": [{"id": "q", "text": "Mark it."} | question]}
        config.set_config(actor=requester, project_id=project.pk, config=asked)
        stream = io.BytesIO(_zipped())
        upload = uploads.receive(
            actor=requester, project_id=project.pk, stream=stream, filename="pictures.zip", format="zip"
        )
        uploads.process(upload_id=upload.pk)
        return world.published(requester, project)

    return post


def _zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(2):
            picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
            ImageDraw.Draw(picture).rectangle((100, 100, 300, 250), fill="navy")
            ImageDraw.Draw(picture).ellipse((450, 150, 700, 400), fill="darkgreen")
            kept = io.BytesIO()
            picture.save(kept, "PNG")
            archive.writestr(f"picture-{number}.png", kept.getvalue())
    return file.getvalue()


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where on the screen a natural pixel of the picture is."""
    box = page.locator(".surface .view").bounding_box()
    assert box is not None
    return box["x"] + x / WIDTH * box["width"], box["y"] + y / HEIGHT * box["height"]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, (start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    page.mouse.move(*at(page, *end))
    page.mouse.up()


def submitted(page: Page, id: str = "q") -> Any:
    """Submit, and what came of it in the database."""
    page.keyboard.press("Enter")
    until(lambda: Answer.objects.count() == 1)
    return Answer.objects.get().value["units"][0][id]


def is_near(found: dict[str, Any], wanted: dict[str, Any], off: float = 1.0) -> None:
    for name, value in wanted.items():
        if isinstance(value, str):
            assert found[name] == value
        else:
            assert abs(found[name] - value) <= off, f"{name}: {found[name]} for {value}"


def test_boxes(page: Page, pictures: Callable[..., Project], open_task: Open, axe: Axe, shot: Shot) -> None:
    tool = open_task(pictures({"kind": "boxes", "labels": LABELS}))
    axe(page)

    drag(page, (100, 100), (300, 250))
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    drag(page, (450, 150), (700, 400))
    expect(tool.locator("[data-marks] > li")).to_have_count(2)
    page.keyboard.press("ArrowRight")  # by a pixel
    axe(page)
    shot(page, "tool-boxes")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+z")

    one, other = submitted(page)
    is_near(one, {"label": "cat", "x": 100, "y": 100, "width": 200, "height": 150})
    is_near(other, {"label": "dog", "x": 451, "y": 150, "width": 250, "height": 250})


def test_a_box_without_a_mouse(page: Page, pictures: Callable[..., Project], open_task: Open) -> None:
    tool = open_task(pictures({"kind": "boxes", "labels": LABELS}))

    page.keyboard.press("n")  # one in the middle; its first number has the focus
    for value in ("10", "20", "30", "40"):
        page.keyboard.press("Control+a")
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    expect(tool.locator("[data-marks] > li")).to_have_count(1)
    page.locator("[data-submit]").focus()

    (box,) = submitted(page)
    assert box == {"label": "cat", "x": 10, "y": 20, "width": 30, "height": 40}


def test_nothing_to_mark_is_said_and_not_forgotten(
    page: Page, pictures: Callable[..., Project], open_task: Open
) -> None:
    tool = open_task(pictures({"kind": "boxes", "labels": LABELS}))

    page.keyboard.press("Enter")
    expect(page.get_by_text("Mark something, or say that there is nothing to mark.")).to_be_visible()
    assert Answer.objects.count() == 0
    tool.get_by_label("There is nothing to mark").check()
    page.locator("[data-submit]").focus()

    assert submitted(page) == []


def test_spans(page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot) -> None:
    asked = {
        "data": {"kind": "text", "field": "text"},
        "questions": [{"id": "q", "kind": "spans", "text": "Mark the names.", "labels": ["person", "place"]}],
    }
    project = make_open(
        actor=requester, organisation=organisation, title="Names", label_config=asked, redundancy=1,
        rows=[{"text": TEXT}, {"text": TEXT}],
    )  # fmt: skip
    tool = open_task(project)

    select(page, "Lovelace")
    expect(tool.locator("[data-marks] > li")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    select(page, "London")
    expect(tool.locator("[data-marks] > li")).to_have_count(2)
    axe(page)
    shot(page, "tool-spans")

    found = submitted(page)
    assert [(one["label"], TEXT[one["start"] : one["end"]]) for one in found] == [
        ("person", "Lovelace"),
        ("place", "London"),
    ]


def select(page: Page, words: str) -> None:
    """Drag over some words of the text, as a hand does."""
    place = page.evaluate(
        """words => {
          const place = document.querySelector("[data-words]");
          const node = document.createTreeWalker(place, NodeFilter.SHOW_TEXT).nextNode();
          const range = document.createRange();
          range.setStart(node, node.data.indexOf(words));
          range.setEnd(node, node.data.indexOf(words) + words.length);
          const box = range.getBoundingClientRect();
          return [box.left, box.right, box.top + box.height / 2];
        }""",
        words,
    )
    left, right, middle = place
    page.mouse.move(left + 1, middle)
    page.mouse.down()
    page.mouse.move((left + right) / 2, middle, steps=4)
    page.mouse.move(right - 1, middle, steps=4)
    page.mouse.up()
