"""What is asked, and the worker who answers it in Chromium."""

import io
import shutil
import zipfile
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bench.marketplace import fill
from crowd.kernel import money
from crowd.projects.services import config, draft, uploads
from crowd.users.models import User
from tests.browser import world

LOOK_S = 1.0
WARM_UP = 10
SPARE = 3  # tasks that are left at the end: the last answer has a next task too, and one is reserved after it
UNDER_MB = 1_000_000
PHOTO = (1600, 1200)
TEXT: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [{"id": "mood", "kind": "choice", "text": "How does it feel?", "labels": ["good", "bad", "neither"]}],
}
# From the key's own stamp to the frame in which the next task stands: its form is ready, its picture decoded.
WATCH = """() => { performance.setResourceTimingBufferSize(100000);  // 250 without it: later files would not be known
window.next = new Promise(done => {
  const form = document.getElementById("task");
  let pressed = 0;
  addEventListener("keydown", event => { if (event.key === "Enter") pressed = event.timeStamp; }, { capture: true });
  const seen = new MutationObserver(async () => {
    const now = document.querySelector("#task[data-ready]");
    if (!now || now === form) return;
    seen.disconnect();
    const picture = now.querySelector("[data-item] img"), source = picture && picture.currentSrc;
    const ahead = source ? performance.getEntriesByName(source).some(one => one.responseEnd < pressed) : false;
    if (picture) await picture.decode();
    requestAnimationFrame(() => { const channel = new MessageChannel();
      channel.port1.onmessage = () => done([performance.now() - pressed, ahead]); channel.port2.postMessage(0); });
  });
  seen.observe(document.getElementById("stage"), { childList: true, subtree: true, attributeFilter: ["data-ready"] });
}); }"""


@dataclass(frozen=True)
class Case:
    title: str
    project_id: int
    tasks: int
    size: str  # of one item, in KB

    @property
    def has_picture(self) -> bool:
        return bool(self.size)


@dataclass
class Found:
    """Milliseconds by case, and how many pictures were there when the key was pressed."""

    browser: str = ""
    times: dict[str, list[float]] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)


def cases(tasks: int) -> list[Case]:
    """Published projects of texts, digits and photos."""
    people, count = fill.World(0), tasks + WARM_UP + SPARE
    photos = {f"{number:04d}.jpg": photo(number) for number in range(count)}
    rows = "\n".join(["text", *(f"How does sentence {number} feel?" for number in range(count)), ""]).encode()
    largest = max(map(len, photos.values()))
    digits = world.zipped(count)
    with zipfile.ZipFile(io.BytesIO(digits)) as archive:
        digit = max(one.file_size for one in archive.infolist())
    return [
        Case("texts", _project(people, "Texts", TEXT, rows, "csv"), tasks, ""),
        Case("digits", _project(people, "Digits", world.DIGITS, digits, "zip"), tasks, f"{digit / 1000:.0f}"),
        Case("photos", _project(people, "Photos", world.DIGITS, _zip(photos), "zip"), tasks, f"{largest / 1000:.0f}"),
    ]


def photo(number: int) -> bytes:
    """As a camera's: shapes, shades and noise; as large as a JPEG under a megabyte can be."""
    rng = np.random.default_rng(number)
    coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)).resize(PHOTO, Image.Resampling.BICUBIC)
    noisy = np.asarray(coarse, dtype=np.float32) + rng.normal(0, 12, (PHOTO[1], PHOTO[0], 3))
    picture = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    least, most = 1, 96  # of the quality
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if len(_jpeg(picture, middle)) < UNDER_MB else (least, middle - 1)
    return _jpeg(picture, least)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _zip(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def _project(people: fill.World, title: str, asked: dict[str, Any], file: bytes, format: str) -> int:
    reward: dict[str, Any] = {"currency": money.TEST_CURRENCY, "reward_micros": fill.REWARD_MICROS, "redundancy": 1}
    project = draft.create(actor=people.requester, organisation=people.organisation, title=title, **reward)
    at: dict[str, Any] = {"actor": people.requester, "project_id": project.pk}
    config.set_config(**at, config=asked)
    upload = uploads.receive(**at, stream=io.BytesIO(file), filename=f"items.{format}", format=format)
    upload = uploads.process(upload_id=upload.pk)
    assert upload.state == "done", upload.errors
    people.publish(project.pk)
    return project.pk


def measured(cases: list[Case], url: str) -> Found:
    found = Found()
    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        found.browser = browser.version
        for case in cases:
            page = _signed_in(browser, url)
            page.goto(f"{url}/work/projects/{case.project_id}/")
            page.get_by_role("button", name="Start").first.click()
            page.locator("#task[data-ready]").wait_for()
            taken = [_answer(page) for _task in range(WARM_UP + case.tasks)][WARM_UP:]
            found.times[case.title] = [took for took, _ahead in taken]
            found.ahead[case.title] = sum(ahead for _took, ahead in taken)
            page.context.close()
        browser.close()
    return found


def _signed_in(browser: Browser, url: str) -> Page:
    user: User = world.ready_worker(f"worker{len(browser.contexts)}.{User.objects.count()}@bench.invalid").user
    client, name = Client(), settings.SESSION_COOKIE_NAME
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    return context.new_page()


def _answer(page: Page) -> tuple[float, bool]:
    """Milliseconds to the next task, and whether its picture was there before."""
    page.evaluate(WATCH)
    page.wait_for_timeout(1000 * LOOK_S)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    took, ahead = page.evaluate("window.next")
    return float(took), bool(ahead)
