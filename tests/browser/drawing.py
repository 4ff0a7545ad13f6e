"""A picture to draw on, a project that shows it, and a mouse that hits its natural pixels."""

import io
import zipfile
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Page

from crowd.projects.models import Project
from crowd.projects.services import config, draft, uploads
from crowd.users.models import Organisation, User
from tests.browser import world

WIDTH, HEIGHT = 800, 500


def of_files(
    requester: User,
    organisation: Organisation,
    kind: str,
    file: bytes,
    ending: str,
    questions: list[dict[str, Any]],
    redundancy: int = 1,
    count: int = 2,
    **settings: Any,
) -> Project:
    """A published project with so many items that are this file."""
    settings = {"title": f"Of {kind}", "reward_micros": 40_000, "redundancy": redundancy} | settings
    project = draft.create(actor=requester, organisation=organisation, **settings)
    asked = {"data": {"kind": kind, "field": "file"}, "questions": questions}
    config.set_config(actor=requester, project_id=project.pk, config=asked)
    zipped = zip_of({f"{number}.{ending}": file for number in range(count)})
    upload = uploads.receive(actor=requester, project_id=project.pk, stream=zipped, filename="f.zip", format="zip")
    upload = uploads.process(upload_id=upload.pk)
    assert upload.state == "done"
    return world.published(requester, project)


def zip_of(files: dict[str, bytes]) -> io.BytesIO:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    zipped.seek(0)
    return zipped


def picture() -> bytes:
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    ImageDraw.Draw(picture).rectangle((100, 100, 300, 250), fill="navy")
    ImageDraw.Draw(picture).ellipse((450, 150, 700, 400), fill="darkgreen")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


Size = tuple[int, int]


def at(page: Page, x: float, y: float, size: Size = (WIDTH, HEIGHT)) -> tuple[float, float]:
    """Where on the screen a natural pixel of the picture is, which has this size."""
    box = page.locator(".surface .view").bounding_box()
    assert box is not None
    return box["x"] + x / size[0] * box["width"], box["y"] + y / size[1] * box["height"]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float], size: Size = (WIDTH, HEIGHT)) -> None:
    page.mouse.move(*at(page, *start, size))
    page.mouse.down()
    page.mouse.move(*at(page, (start[0] + end[0]) / 2, (start[1] + end[1]) / 2, size))
    page.mouse.move(*at(page, *end, size))
    page.mouse.up()


def pinch(page: Page, selector: str, grown: float = 2) -> None:
    """Two fingers in the middle of it, apart until what was between them is so many times as wide; the first one comes
    earlier and goes a little before the other is there."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    x, y, apart = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 8
    line = page.context.new_cdp_session(page)

    def touch(kind: str, *places: float) -> None:
        points = [{"x": x + place, "y": y, "id": number} for number, place in enumerate(places)]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", -apart - 12)
    touch("touchMove", -apart)
    touch("touchStart", -apart, apart)
    for part in (1, 2, 3, 4):
        now = apart * grown ** (part / 4)
        touch("touchMove", -now, now)
    touch("touchEnd")
    line.detach()


def is_near(found: dict[str, Any], wanted: dict[str, Any], off: float = 1.0) -> None:
    for name, value in wanted.items():
        if isinstance(value, str):
            assert found[name] == value
        else:
            assert abs(found[name] - value) <= off, f"{name}: {found[name]} for {value}"
