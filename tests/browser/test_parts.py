"""Parts of an item, and files as cameras and offices make them: a clip, a tile, a photo that lies, a page of a PDF."""

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from crowd.assignments.models import Answer
from crowd.operations.demo.showcase import media
from crowd.operations.demo.showcase.media import Move, Tone
from crowd.projects import copies
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import SignIn, until
from tests.browser.drawing import at, drag, is_near, of_files

Size = tuple[int, int]
MARKS = "[data-marks] > li"
BOXES = [{"id": "q", "kind": "boxes", "text": "Mark it.", "labels": ["thing"]}]
PHOTO: Size = (3_000, 2_000)  # as it is seen; it lies on its side in the file
THING = (1_200, 600, 1_800, 1_400)


@pytest.fixture
def begin(page: Page, sign_in: SignIn) -> Any:
    """begin(project, task) brings a worker to this task of it, and waits for what it shows."""
    worker = world.ready_worker()
    sign_in(worker.user)

    def begin(project: Project, task: Task) -> None:
        Task.objects.filter(project=project).exclude(pk=task.pk).update(open=False)
        page.goto(f"/work/projects/{project.pk}/")
        page.get_by_role("button", name="Start").first.click()
        page.locator("#task[data-ready]").wait_for()

    return begin


def submitted(page: Page) -> Any:
    before = Answer.objects.count()
    page.locator("[data-submit]").click()
    until(lambda: Answer.objects.count() == before + 1)
    assert page.faults == []  # type: ignore[attr-defined]
    return Answer.objects.order_by("-pk")[0].value["units"][0]["q"]


def at_time(page: Page) -> float:
    return float(page.evaluate("document.querySelector('crowd-player').media.currentTime"))


EARLIEST = """() => { const { media } = document.querySelector("crowd-player");
  window.earliest = media.currentTime;
  media.addEventListener("timeupdate", () => { window.earliest = Math.min(window.earliest, media.currentTime); }); }"""


def test_a_clip_is_played_and_marked_within_its_ends(
    page: Page, requester: User, organisation: Organisation, begin: Any
) -> None:
    film = media.film([Move(block="blue block", start=(20, 60), end=(220, 60))], 4)
    asked = [{"id": "q", "kind": "tracks", "text": "Follow it.", "labels": ["block"]}]
    project = of_files(
        requester, organisation, "video", film, "webm", asked, count=1, split={"by": "seconds", "size": 1.5}
    )
    answers: list[int] = []
    page.on("response", lambda one: answers.append(one.status) if "/media/" in one.url else None)
    begin(project, Task.objects.get(project=project, source__start=1.5))
    expect(page.get_by_text("A part of a longer recording: from second 1.5 to second 3")).to_be_visible()
    page.locator("crowd-player[data-ready]").wait_for()
    page.locator(".surface svg[viewBox]").wait_for()
    until(lambda: at_time(page) >= 1.5)
    assert set(answers) == {206}  # in pieces

    page.keyboard.press("n")
    expect(page.locator(MARKS)).to_have_count(1)
    page.locator("body").click(position={"x": 2, "y": 2})
    page.evaluate("document.querySelector('crowd-player').seek(0)")  # what is before it is not gone to
    until(lambda: at_time(page) == 1.5)
    page.locator("[data-play]").click()
    until(lambda: page.evaluate("document.querySelector('video').paused") and at_time(page) >= 2.9)
    assert at_time(page) <= 3.01
    page.evaluate(EARLIEST)
    page.locator("[data-play]").click()  # from the end of the clip once more, with one press
    until(lambda: page.evaluate("window.earliest") < 2)
    page.evaluate("document.querySelector('video').pause()")
    page.evaluate("document.querySelector('crowd-player').seek(3)")
    until(lambda: at_time(page) >= 2.98)
    page.locator("[data-leaves]").click()

    (track,) = submitted(page)
    times = [one["time"] for one in track["keyframes"]]
    assert times[0] == pytest.approx(1.5, abs=0.02)
    assert times[-1] == pytest.approx(3, abs=0.02)


def test_a_clip_of_a_recording_fills_the_waveform(
    page: Page, requester: User, organisation: Organisation, begin: Any
) -> None:
    sound = media.sound([Tone(start=5, end=6, pitch=220)], 8)
    asked = [{"id": "q", "kind": "segments", "text": "Where is it?", "labels": ["tone"]}]
    project = of_files(
        requester, organisation, "audio", sound, "wav", asked, count=1, split={"by": "seconds", "size": 4}
    )
    begin(project, Task.objects.get(project=project, source__start=4))
    page.locator("crowd-player[data-ready]").wait_for()
    wave = page.locator("[data-wave]").bounding_box()
    assert wave is not None
    places = [wave["x"] + 1 + (wave["width"] - 2) * (seconds - 4) / 4 for seconds in (5, 5.5, 6)]
    page.mouse.move(places[0], wave["y"] + 60)
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(place, wave["y"] + 60, steps=4)
    page.mouse.up()
    expect(page.locator(MARKS)).to_have_count(1)
    page.evaluate("document.querySelector('crowd-player').seek(8)")
    until(lambda: at_time(page) == 8)
    page.locator("[data-play]").click()  # from the end of the file once more, with one press
    until(lambda: 4 < at_time(page) < 8 and not page.evaluate("document.querySelector('audio').paused"))

    (found,) = submitted(page)
    assert found["start"] == pytest.approx(5, abs=0.05)
    assert found["end"] == pytest.approx(6, abs=0.05)


def lying() -> bytes:
    """A photo as a camera that was turned keeps it."""
    picture = Image.new("RGB", PHOTO, "white")
    ImageDraw.Draw(picture).rectangle(THING, fill="navy")
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    picture.transpose(Image.Transpose.ROTATE_90).save(file, "JPEG", exif=exif)
    return file.getvalue()


def page_of_pdf() -> bytes:
    file = io.BytesIO()
    Image.new("L", (400, 300), 220).save(file, "PDF", resolution=72)
    return file.getvalue()


def boxed(page: Page, size: Size, start: tuple[float, float], end: tuple[float, float]) -> None:
    """By the mouse; what was marked is within a pixel of the screen."""
    page.locator(".surface svg[viewBox]").wait_for()
    grain = size[0] / page.locator(".surface .view").bounding_box()["width"]  # type: ignore[index]
    drag(page, start, end, size)
    expect(page.locator(MARKS)).to_have_count(1)
    (box,) = submitted(page)
    page.wait_for_url("**/end/")  # it goes there by itself, and not over the next page
    wanted = {"x": start[0], "y": start[1], "width": end[0] - start[0], "height": end[1] - start[1]}
    is_near(box, wanted, max(1, grain))


def pixels_across(page: Page) -> int:
    page.locator(".surface svg[viewBox]").wait_for()
    image = page.locator(".surface img")
    until(lambda: image.evaluate("image => image.complete"))
    return int(image.evaluate("image => image.naturalWidth"))


def nearer(page: Page, place: tuple[int, int]) -> None:
    page.mouse.move(*at(page, *place, PHOTO))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")


def test_a_large_photo_that_lies_a_tile_of_it_and_a_page_are_marked_in_their_own_pixels(
    page: Page, requester: User, organisation: Organisation, begin: Any
) -> None:
    photo, corners = lying(), (THING[:2], THING[2:])
    whole = of_files(requester, organisation, "image", photo, "jpg", BOXES, count=1)
    begin(whole, Task.objects.get(project=whole))
    assert pixels_across(page) == copies.LONGEST  # a smaller copy, until somebody looks closer
    address = str(page.locator(".surface img").get_attribute("data-original"))
    page.route(f"**{address}", lambda route: route.abort())
    with page.expect_event("requestfailed", lambda request: request.url.endswith(address)):
        nearer(page, corners[0])
    page.unroute(f"**{address}")
    expect(
        page.locator(f".surface img[data-original='{address}']")
    ).to_be_visible()  # the line broke: it is tried again
    nearer(page, corners[0])
    until(lambda: pixels_across(page) == PHOTO[0])
    boxed(page, PHOTO, (1_190, 595), (1_215, 612))

    tiles = {"by": "tiles", "size": 1_500, "overlap": 100}
    cut = of_files(requester, organisation, "image", photo, "jpg", BOXES, count=1, split=tiles, title="Tiles")
    second = Task.objects.get(project=cut, source__x=1_400, source__y=0)
    begin(cut, second)
    size = (second.source["width"], second.source["height"])
    boxed(page, size, (10, 700), (400, 1_300))

    pages = of_files(requester, organisation, "image", page_of_pdf(), "pdf", BOXES, count=1, title="Pages")
    task = Task.objects.get(project=pages)
    shown = task.payload["units"][0]["file"]
    begin(pages, task)
    boxed(page, (shown["width"], shown["height"]), (100, 100), (300, 200))
