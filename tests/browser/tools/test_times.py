"""Recordings, films and series, with a real mouse and real keys: what is stored is what was aimed at."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from crowd.users.models import Organisation, User
from tests.browser.conftest import NewContext, SignIn, until
from tests.browser.drawing import is_near, of_files, pinch
from tests.browser.late import Line
from tests.browser.tools.answering import LABELS, SAMPLES, Open, submitted
from tests.browser.working import Axe, Shot
from tests.make_project import make_open
from workers.models import Worker


def test_a_recording_is_typed_tagged_and_counted_with_the_hands_on_the_keys(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    asked: list[dict[str, Any]] = [
        {"id": "heard", "kind": "multi-choice", "text": "What is heard?", "labels": ["tone", "voice", "noise"]},
        {"id": "said", "kind": "transcript", "text": "Type what is said."},
        {"id": "count", "kind": "number", "text": "How many tones?", "integer": True},
        {"id": "good", "kind": "choice", "text": "Is it clear?", "labels": [{"name": "yes", "key": "y"}, "no"]},
    ]
    open_task(of_files(requester, organisation, "audio", (SAMPLES / "tones.wav").read_bytes(), "wav", asked))
    page.locator("crowd-player[data-ready]").wait_for()
    plays = "!document.querySelector('audio').paused"

    said = page.get_by_label("Type what is said.")
    said.fill("low ")
    page.keyboard.press("Escape")  # plays, while it is typed
    until(lambda: page.evaluate(plays))
    said.press_sequentially("high")
    page.keyboard.press("Escape")
    until(lambda: not page.evaluate(plays))
    page.get_by_label("How many tones?").fill("3")
    page.get_by_role("checkbox", name="tone").focus()
    page.keyboard.press("1")
    page.keyboard.press("3")
    page.get_by_role("radio", name="yes").focus()
    page.keyboard.press(">")  # of no use to the question: it is the player's
    expect(page.locator("[data-speed]")).to_have_value("1.25")
    page.keyboard.press("y")
    axe(page)
    shot(page, "tool-transcript")
    page.locator("[data-submit]").focus()

    wanted = {"heard": ["tone", "noise"], "said": "low high", "count": 3, "good": "yes"}
    assert submitted(page) == wanted


# As on a slow machine: while a film is on its way to a place it has no picture, and tells late that it has set out.
ON_ANOTHER_WAY = """(film => {
  Object.defineProperty(film, "readyState", {value: 1, configurable: true});
})(document.querySelector("video"))"""
ARRIVED = """(film => {
  film.dispatchEvent(new Event("seeking"));
  delete film.readyState;
  film.dispatchEvent(new Event("seeked"));
})(document.querySelector("video"))"""


def test_actions_of_a_film_begin_and_end_by_keys(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    asked = [{"id": "q", "kind": "segments", "text": "When?", "labels": LABELS, "transcript": "optional"}]
    film = Line(page, "**/media/**")
    tool = open_task(of_files(requester, organisation, "video", (SAMPLES / "block.webm").read_bytes(), "webm", asked))
    page.locator("[data-speed]").select_option("1.5")  # before there is a film, or its waveform
    film.lets_through()
    page.locator("crowd-player[data-ready]").wait_for()
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.5
    page.evaluate("document.querySelector('crowd-player').seek(1)")
    page.keyboard.press("i")
    page.keyboard.press("Shift+ArrowRight")
    page.evaluate(ON_ANOTHER_WAY)
    for _second in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.evaluate(ARRIVED)
    until(lambda: page.evaluate("document.querySelector('video').currentTime") >= 3.99)
    page.keyboard.press("o")
    expect(tool.locator("[data-marks] > li")).to_have_count(1)
    page.keyboard.type("It goes.")
    axe(page)
    shot(page, "tool-actions")
    page.locator("[data-submit]").focus()

    (found,) = submitted(page)
    is_near(found, {"label": "cat", "text": "It goes.", "start": 1, "end": 4}, off=0.05)


def is_drawn_under_the_policy(context: BrowserContext, task: str, sign_in: SignIn) -> None:
    """The waveform brings a style sheet of its own, which the page has to allow by its nonce."""
    sign_in(Worker.objects.get().user, context)
    page, refused = context.new_page(), list[str]()
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto(task)
    page.locator("crowd-player[data-ready]").wait_for()
    assert refused == []


def test_segments_of_a_recording(
    page: Page,
    requester: User,
    organisation: Organisation,
    open_task: Open,
    axe: Axe,
    shot: Shot,
    sign_in: SignIn,
    new_context: NewContext,
) -> None:
    asked = [{"id": "q", "kind": "segments", "text": "Who speaks?", "labels": LABELS}]
    project = of_files(requester, organisation, "audio", (SAMPLES / "tones.wav").read_bytes(), "wav", asked)
    tool = open_task(project)
    page.locator("crowd-player[data-ready]").wait_for()
    wave = page.locator("[data-wave]").bounding_box()
    assert wave is not None
    length = page.evaluate("document.querySelector('audio').duration")
    scale = "document.querySelector('crowd-player').wave.getWrapper().clientWidth"
    width = page.evaluate(scale)
    pinch(page, "[data-wave]")
    assert page.evaluate(scale) == pytest.approx(2 * width, rel=0.1)
    scroll = page.evaluate("document.querySelector('crowd-player').wave.getScroll()")
    assert scroll == pytest.approx(width / 2, rel=0.1)  # its middle stayed where it was
    expect(tool.locator("[data-marks] > li")).to_have_count(0)
    pinch(page, "[data-wave]", 0.3)
    assert page.evaluate(scale) == pytest.approx(width, abs=2)

    def place(seconds: float) -> tuple[float, float]:
        return wave["x"] + 1 + seconds / length * (wave["width"] - 2), wave["y"] + 60

    page.mouse.move(*place(0.2 * length))
    page.mouse.down()
    page.mouse.move(*place(0.3 * length), steps=4)
    page.mouse.move(*place(0.5 * length), steps=4)
    page.mouse.up()
    expect(tool.locator("[data-marks] > li")).to_have_count(1)
    axe(page)
    shot(page, "tool-segments")
    is_drawn_under_the_policy(new_context(bypass_csp=False), page.url, sign_in)

    (found,) = submitted(page)
    assert found["label"] == "cat"
    assert abs(found["start"] - 0.2 * length) <= 0.05
    assert abs(found["end"] - 0.5 * length) <= 0.05


def test_a_track_through_a_film(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    asked = [{"id": "q", "kind": "tracks", "text": "Follow it.", "labels": LABELS}]
    project = of_files(requester, organisation, "video", (SAMPLES / "block.webm").read_bytes(), "webm", asked)
    tool = open_task(project)
    page.locator("crowd-player[data-ready]").wait_for()
    page.locator(".surface svg[viewBox]").wait_for()
    box = page.locator(".surface .view").bounding_box()
    assert box is not None
    scale = box["width"] / page.evaluate("document.querySelector('video').videoWidth")

    def pull(start: tuple[float, float], end: tuple[float, float]) -> None:
        page.mouse.move(box["x"] + start[0] * scale, box["y"] + start[1] * scale)
        page.mouse.down()
        page.mouse.move(box["x"] + end[0] * scale, box["y"] + end[1] * scale, steps=4)
        page.mouse.up()

    pull((10, 10), (40, 40))
    page.evaluate("document.querySelector('crowd-player').seek(2)")
    expect(page.locator(".surface .mark")).to_have_count(0)  # it has left: there is no later keyframe
    page.evaluate("document.querySelector('crowd-player').seek(0)")
    expect(page.locator(".surface .mark")).to_have_count(1)
    tool.locator("[data-choose]").click()
    page.evaluate("document.querySelector('crowd-player').seek(2)")
    page.keyboard.press("l")  # here it leaves, at the same place
    expect(page.locator(".surface .mark")).to_have_count(1)
    pull((25, 25), (75, 25))
    axe(page)
    shot(page, "tool-tracks")

    (track,) = submitted(page)
    first, last = track["keyframes"]
    is_near(first, {"time": 0, "x": 10, "y": 10, "width": 30, "height": 30})
    is_near(last, {"time": 2, "x": 60, "y": 10, "width": 30, "height": 30})


def test_stretches_of_a_series(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    asked = {
        "data": {"kind": "series", "field": "series"},
        "questions": [{"id": "q", "kind": "segments", "text": "Where does it move?", "labels": ["moving"]}],
    }
    times = [number / 10 for number in range(200)]
    series = {"time": times, "channels": {"x": [number % 7 for number in range(200)], "y": [0.5] * 200}}
    project = make_open(
        actor=requester, organisation=organisation, title="Sensors", label_config=asked, redundancy=1,
        rows=[{"series": series}, {"series": series}],
    )  # fmt: skip
    tool = open_task(project)
    pinch(page, "crowd-plot canvas")
    shown = page.evaluate("document.querySelector('crowd-plot').shown")
    assert shown["to"] - shown["from"] == pytest.approx(times[-1] / 2, rel=0.05)
    pinch(page, "crowd-plot canvas", 0.3)
    expect(tool.locator("[data-marks] > li")).to_have_count(0)
    box = page.locator("crowd-plot canvas").bounding_box()
    assert box is not None
    places = [box["x"] + time / times[-1] * box["width"] for time in (5, 12)]

    page.mouse.move(places[0], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(places[1], box["y"] + 40, steps=4)
    page.mouse.up()
    expect(tool.locator("[data-marks] > li")).to_have_count(1)
    axe(page)
    shot(page, "tool-series")

    (found,) = submitted(page)
    assert abs(found["start"] - 5) <= 0.05
    assert abs(found["end"] - 12) <= 0.05
