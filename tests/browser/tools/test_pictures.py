"""Marks on pictures, with a real mouse and real keys: what is stored is what was aimed at."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from crowd.assignments.models import Answer
from crowd.projects.models import Project
from crowd.projects.services import config, draft, uploads
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.drawing import HEIGHT, WIDTH, at, drag, is_near, picture, pinch, zip_of
from tests.browser.tools.answering import LABELS, Open, ask, submitted
from tests.browser.working import Axe, Shot


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

    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")  # a corner, which is given up for
    drag(page, (100, 100), (200, 200))
    page.keyboard.press("Space")
    page.keyboard.press("Space")  # no other corner of it
    page.keyboard.press("Escape")
    expect(tool.locator("[data-marks] > li")).to_have_count(1)
    page.keyboard.press("[")
    page.keyboard.press("Delete")
    expect(tool.locator("[data-marks] > li")).to_have_count(0)
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


def test_a_box_is_turned_read_and_drawn_by_keys(
    page: Page, pictures: Callable[..., Project], open_task: Open, axe: Axe, shot: Shot
) -> None:
    tool = open_task(pictures({"kind": "boxes", "labels": LABELS[:1], "rotation": True, "transcript": "required"}))

    drag(page, (100, 100), (300, 250))
    page.keyboard.type("EXIT")  # its text has the focus
    page.locator("[data-choose]").focus()  # which ends the typing
    drag(page, (200, 122.5), (252.5, 175))  # the handle inside: a quarter turn
    page.keyboard.press("Escape")
    for key in (
        "Space",
        "Space",
        *["Shift+ArrowRight"] * 6,
        *["Shift+ArrowDown"] * 4,
        "Space",
    ):  # it begins in the middle
        page.keyboard.press(key)
    expect(tool.locator("[data-marks] > li")).to_have_count(2)
    page.keyboard.type("TAXI")
    axe(page)
    shot(page, "tool-read")
    page.locator("[data-choose]").last.focus()
    drag(page, (600, 300), (620, 312))
    page.keyboard.type("BUS")
    page.locator("[data-choose]").last.focus()
    view = page.locator(".surface .view").bounding_box()
    assert view is not None
    beside = 6 + 30 * WIDTH / view["width"]  # a small one has no room for a handle inside
    drag(page, (610, 306 - beside), (610 + beside, 306))
    page.locator("[data-submit]").focus()

    turned, keyed, small = submitted(page)
    is_near(turned, {"text": "EXIT", "x": 100, "y": 100, "width": 200, "height": 150, "rotation": 90}, off=1.5)
    is_near(keyed, {"text": "TAXI", "x": 400, "y": 250, "width": 60, "height": 40})
    is_near(small, {"text": "BUS", "x": 600, "y": 300, "width": 20, "height": 12, "rotation": 90}, off=1.5)


def is_only_looked_at(page: Page, id: str) -> None:
    """With two fingers it is zoomed, and nothing is marked."""
    pinch(page, ".surface")
    assert "scale(2" in (page.locator(".surface .view").get_attribute("style") or "")
    pinch(page, ".surface", 0.3)
    expect(page.locator(f'[data-question="u0.{id}"] [data-marks] > li')).to_have_count(0)


def click(page: Page, *places: tuple[float, float]) -> None:
    for place in places:
        page.mouse.click(*at(page, *place))


def test_points_lines_and_outlines_on_one_picture(
    page: Page, pictures: Callable[..., Project], open_task: Open, axe: Axe, shot: Shot
) -> None:
    person = {"skeleton": ["head", "hand"], "edges": [["head", "hand"]]}
    kinds = ["points", "ellipses", "polygons", "polylines", "keypoints", "masks"]
    questions = [
        {"id": kind, "kind": kind, "labels": LABELS[:1]} | (person if kind == "keypoints" else {}) for kind in kinds
    ]
    open_task(pictures(*questions))

    ask(page, "points")
    is_only_looked_at(page, "points")
    click(page, (200, 175))
    ask(page, "ellipses")
    drag(page, (450, 150), (700, 400))
    ask(page, "polygons")
    click(page, (100, 100), (300, 100), (300, 250), (100, 250))
    page.mouse.dblclick(*at(page, 100, 100))  # the first corner again: closed, and nothing is dropped
    drag(page, (200, 100), (200, 60))  # the middle of its upper side: a fifth corner
    page.mouse.dblclick(*at(page, 200, 60))  # which goes again
    ask(page, "polylines")
    click(page, (50, 450), (400, 460), (750, 450))
    page.keyboard.press("Enter")
    ask(page, "keypoints")
    click(page, (575, 200), (575, 350))
    page.keyboard.press("Escape")
    following = page.locator('[data-question="u0.keypoints"] strong[data-next]')
    page.keyboard.press("Control+s")  # is the browser's
    expect(following).to_contain_text("head")
    page.keyboard.press("s")  # of another one the head cannot be seen
    expect(following).to_contain_text("hand")
    click(page, (300, 300))
    ask(page, "masks")
    is_only_looked_at(page, "masks")
    page.locator("[data-means=polygon]").click()
    click(page, (100, 100), (300, 100), (300, 250), (100, 250))
    page.keyboard.press("Enter")
    axe(page)
    shot(page, "tool-outlines")

    found = submitted(page)
    is_near(found["points"][0], {"label": "cat", "x": 200, "y": 175})
    is_near(found["ellipses"][0], {"x": 575, "y": 275, "rx": 125, "ry": 125})
    for name, wanted in {
        "polygons": [(100, 100), (300, 100), (300, 250), (100, 250)],
        "polylines": [(50, 450), (400, 460), (750, 450)],
        "keypoints": [(575, 200), (575, 350)],
    }.items():
        points = found[name][0]["points"]
        places = [points["head"], points["hand"]] if name == "keypoints" else points
        assert len(places) == len(wanted)
        for (x, y), (right, down) in zip(places, wanted, strict=True):
            assert max(abs(x - right), abs(y - down)) <= 1, name
    assert list(found["keypoints"][1]["points"]) == ["hand"]
    (mask,) = found["masks"]
    assert mask["size"] == [HEIGHT, WIDTH]
    inside = sum(mask["counts"][1::2])
    assert abs(inside - 200 * 150) <= 2 * 350


def test_two_pictures_are_compared_side_by_side(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    same = {"id": "same", "kind": "choice", "text": "Are both the same?", "labels": ["same", "different"]}
    better = {"id": "better", "kind": "pairwise", "text": "Which is better?", "labels": ["A", "B"]}
    asked = {"data": {"kind": "image", "field": "A", "beside": "B"}, "questions": [same, better]}
    files = {f"{name}{number}.png": picture() for name in "ab" for number in range(2)}
    files["manifest.csv"] = b"A,B\na0.png,b0.png\na1.png,b1.png\n"
    project = draft.create(
        actor=requester, organisation=organisation, title="Pairs", reward_micros=40_000, redundancy=1
    )
    config.set_config(actor=requester, project_id=project.pk, config=asked)
    upload = uploads.receive(
        actor=requester, project_id=project.pk, stream=zip_of(files), filename="f.zip", format="zip"
    )
    assert uploads.process(upload_id=upload.pk).state == "done"
    open_task(world.published(requester, project))
    pair, views = page.locator("crowd-pictures"), page.locator("crowd-pictures .view")
    expect(views).to_have_count(2)
    assert {one.get_attribute("alt") for one in pair.locator("img").all()} == {"A", "B"}

    pair.locator("[data-zoom-in]").click()
    pair.focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    box = views.nth(1).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 30, box["y"] + box["height"] / 2 + 20, steps=3)
    page.mouse.up()
    one, other = (view.get_attribute("style") or "" for view in views.all())
    assert one == other
    assert "scale(1.5625)" in one
    axe(page)
    shot(page, "tool-pair")
    page.locator('[data-question="u0.same"]').get_by_text("different").click()
    page.locator('[data-question="u0.better"] input[value="B"]').check()
    page.locator("[data-submit]").focus()
    assert submitted(page) == {"same": "different", "better": {"choice": "B"}}
