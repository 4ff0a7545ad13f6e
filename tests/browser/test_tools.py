"""Every kind of answer with a real mouse and real keys: what is stored is what was aimed at."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from crowd.assignments.models import Answer, Contribution
from crowd.labeling import documents
from crowd.projects.models import Project
from crowd.projects.services import config, draft, uploads
from crowd.users.models import Organisation, User
from crowd.web.requester import gallery
from tests.browser import world
from tests.browser.conftest import NewContext, SignIn, until
from tests.browser.drawing import HEIGHT, WIDTH, at, drag, is_near, of_files, picture, zip_of
from tests.browser.test_work import Axe, Shot
from tests.make_project import make_open
from workers.models import Worker

SAMPLES = Path(__file__).resolve().parents[2] / "crowd" / "web" / "static" / "web" / "samples"
LABELS = [{"name": "cat", "key": "a"}, {"name": "dog", "key": "d"}]
TEXT = "Ada 🎉 Lovelace wrote to Charles Babbage in London."
# A tone in place of a microphone, which a browser without a head has not; it is granted when the test says so.
MICROPHONE = """window.grants = []; window.microphones = [];
navigator.mediaDevices.getUserMedia = () => new Promise((granted) => window.grants.push(() => {
  const sound = new AudioContext(), tone = sound.createOscillator(), end = sound.createMediaStreamDestination();
  tone.connect(end); tone.start(); window.microphones.push(end.stream); granted(end.stream); }));"""
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

    def post(*questions: dict[str, Any]) -> Project:
        named = [{"id": f"q{place}" if place else "q", "text": "Mark it."} | one for place, one in enumerate(questions)]
        return of_files(requester, organisation, "image", picture(), "png", named)

    return post


def submitted(page: Page) -> Any:
    """Submit, and what came of it in the database."""
    page.keyboard.press("Enter")
    until(lambda: Answer.objects.count() == 1)
    unit = Answer.objects.get().value["units"][0]
    assert page.faults == []  # type: ignore[attr-defined]
    return unit["q"] if unit.keys() == {"q"} else unit


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


def test_spans_in_a_chat(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    ready = gallery.ready("chat-answer")
    assert ready is not None
    chat = [*ready.sample["chat"] * 12, {"role": "User", "text": "🕷️ Not an insect at all."}]
    tool = open_task(
        make_open(
            actor=requester, organisation=organisation, title="Chats", label_config=ready.config, redundancy=1,
            rows=[{"chat": chat}] * 2,
        )
    )  # fmt: skip
    page.locator(".turn").last.scroll_into_view_if_needed()
    select(page, "an insect at all.")  # far down, with the questions still beside it
    expect(page.get_by_text("How well does the last answer help?")).to_be_in_viewport()
    expect(tool.locator("[data-marks] > li")).to_have_count(1)
    axe(page)
    shot(page, "document-chat")
    page.locator("[name='u0.quality'][value='4']").check()

    (found,) = submitted(page)["wrong"]
    text = documents.source(chat) or ""
    assert text[found["start"] : found["end"]] == "an insect at all."


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
    page.locator("[data-submit]").focus()

    turned, keyed = submitted(page)
    is_near(turned, {"text": "EXIT", "x": 100, "y": 100, "width": 200, "height": 150, "rotation": 90}, off=1.5)
    is_near(keyed, {"text": "TAXI", "x": 400, "y": 250, "width": 60, "height": 40})


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


def test_actions_of_a_film_begin_and_end_by_keys(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    asked = [{"id": "q", "kind": "segments", "text": "When?", "labels": LABELS, "transcript": "optional"}]
    tool = open_task(of_files(requester, organisation, "video", (SAMPLES / "block.webm").read_bytes(), "webm", asked))
    page.locator("crowd-player[data-ready]").wait_for()
    page.evaluate("document.querySelector('crowd-player').seek(1)")
    page.keyboard.press("i")
    for _second in range(3):
        page.keyboard.press("Shift+ArrowRight")
    until(lambda: page.evaluate("document.querySelector('video').currentTime") >= 3.99)
    page.keyboard.press("o")
    expect(tool.locator("[data-marks] > li")).to_have_count(1)
    page.keyboard.type("It goes.")
    axe(page)
    shot(page, "tool-actions")
    page.locator("[data-submit]").focus()

    (found,) = submitted(page)
    is_near(found, {"label": "cat", "text": "It goes.", "start": 1, "end": 4}, off=0.05)


def select(page: Page, words: str) -> None:
    """Drag over some words of the text, as a hand does."""
    place = page.evaluate(
        """words => {
          const place = document.querySelector("[data-words]");
          const nodes = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
          let node = nodes.nextNode();
          while (!node.data.includes(words)) node = nodes.nextNode();
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
    page.mouse.move(right + 1, middle, steps=4)
    page.mouse.up()


def ask(page: Page, id: str) -> Locator:
    """This question is up from now on: its tool has the pointer and the keys."""
    tool = page.locator(f'[data-question="u0.{id}"] [data-tool]')
    tool.locator("button:enabled").first.focus()
    return tool


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
    page.keyboard.press("Control+s")  # is the browser's
    page.keyboard.press("s")  # of another one the head cannot be seen
    click(page, (300, 300))
    ask(page, "masks").locator("[data-means=polygon]").click()
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


ROW = {"name": "Ada", "born": "1815", "left": "The first summary.", "right": "The second summary."}


def test_rows_are_corrected_flagged_compared_and_rated(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    things = ["left", "right"]
    asked: dict[str, Any] = {
        "data": {"kind": "row"},
        "questions": [
            {"id": "flags", "kind": "flags", "text": "Wrong?", "labels": ["wrong"], "columns": ["name", "born"]},
            {
                "id": "record", "kind": "record", "text": "Put it right.",
                "fields": [
                    {"name": "born", "type": "integer", "title": "Born", "column": "born"},
                    {"name": "alive", "type": "flag", "title": "Alive"},
                ],
            },
            {"id": "better", "kind": "pairwise", "text": "Which is better?", "labels": things, "reasons": ["shorter"]},
            {"id": "order", "kind": "ranking", "text": "Put them in order.", "labels": things},
            {"id": "ends", "kind": "best-worst", "text": "The best and the worst?", "labels": things},
            {"id": "stars", "kind": "rating", "text": "How good is it?", "words": ["bad", "good"]},
            {"id": "why", "kind": "text", "text": "Why so bad?", "when": {"question": "stars", "is": [1, 2]}},
        ],
    }  # fmt: skip
    project = make_open(
        actor=requester, organisation=organisation, title="Rows", label_config=asked, redundancy=1, rows=[ROW, ROW]
    )
    open_task(project)
    axe(page)

    page.get_by_label("born: wrong").check()
    page.get_by_role("textbox", name="Born").fill("1816")
    page.get_by_role("radio", name="right").first.check()
    page.get_by_label("shorter").check()
    things_in_order = page.locator("[data-things] > li")
    if things_in_order.first.get_attribute("data-thing") == "left":
        page.get_by_role("button", name="right up").click()
    else:
        page.get_by_role("button", name="This is the order").click()
    page.get_by_label("right is the best").check()
    page.get_by_label("left is the worst").check()
    expect(page.get_by_label("Why so bad?")).to_be_hidden()
    page.get_by_role("radio", name="2").check()
    page.get_by_label("Why so bad?").fill("It is short.")
    page.get_by_role("radio", name="5 good").check()
    expect(page.get_by_label("Why so bad?")).to_be_hidden()
    axe(page)
    shot(page, "tool-rows")
    page.locator("[data-submit]").focus()

    assert submitted(page) == {
        "flags": {"born": ["wrong"]},
        "record": {"born": 1816, "alive": False},
        "better": {"choice": "right", "reasons": ["shorter"]},
        "order": ["right", "left"],
        "ends": {"best": "right", "worst": "left"},
        "stars": 5,
    }


def test_relations_join_spans_and_a_reload_loses_nothing(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    asked = {
        "data": {"kind": "text", "field": "text"},
        "questions": [
            {"id": "names", "kind": "spans", "text": "Mark the names.", "labels": ["person", "place"]},
            {"id": "joined", "kind": "relations", "text": "Who wrote to whom?", "labels": ["wrote to"], "of": "names"},
        ],
    }
    project = make_open(
        actor=requester, organisation=organisation, title="Letters", label_config=asked, redundancy=1,
        rows=[{"text": TEXT}, {"text": TEXT}],
    )  # fmt: skip
    open_task(project)

    ask(page, "names")
    select(page, "Lovelace")
    expect(page.locator('[data-question="u0.names"] [data-marks] > li')).to_have_count(1)
    page.keyboard.press("Escape")
    select(page, "Babbage")
    expect(page.locator('[data-question="u0.names"] [data-marks] > li')).to_have_count(2)
    expect(page.locator("span[data-saved]")).to_have_text("saved")
    page.reload()
    page.locator("#task[data-ready]").wait_for()
    expect(page.locator('[data-question="u0.names"] [data-marks] > li')).to_have_count(2)
    page.locator("[data-end=from]").select_option(index=1)
    page.locator("[data-end=to]").select_option(index=2)
    page.get_by_role("button", name="Join").click()
    axe(page)
    shot(page, "tool-relations")
    page.locator("[data-submit]").focus()

    found = submitted(page)
    (relation,) = found["joined"]
    assert [TEXT[start:end] for start, end in (relation["from"], relation["to"])] == ["Lovelace", "Babbage"]


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


def test_a_label_of_a_large_tree(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    nodes = [["root", "All things"], *([f"n{number}", f"Thing number {number}", "root"] for number in range(5_000))]
    asked = {
        "data": {"kind": "text", "field": "text"},
        "questions": [{"id": "q", "kind": "taxonomy", "text": "Which thing?", "nodes": nodes, "leaves": True}],
    }
    project = make_open(
        actor=requester, organisation=organisation, title="Things", label_config=asked, redundancy=1,
        rows=[{"text": TEXT}, {"text": TEXT}],
    )  # fmt: skip
    tool = open_task(project)

    tool.get_by_label("Search").fill("number 1234")
    page.keyboard.press("Enter")  # before anything is found
    expect(tool.locator("[data-chosen]")).to_have_text("All things › Thing number 1234")
    tool.get_by_label("Search").fill("number 4321")
    expect(tool.locator("[data-results] > li")).to_have_text([re.compile("Thing number 4321")])
    axe(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(tool.locator("[data-chosen]")).to_have_text("All things › Thing number 4321")
    expect(page.locator("span[data-saved]")).to_have_text("saved")
    page.reload()
    page.locator("#task[data-ready]").wait_for()
    expect(tool.locator("[data-chosen]")).to_have_text("All things › Thing number 4321")
    shot(page, "tool-tree")
    page.locator("[data-submit]").focus()

    assert submitted(page) == "n4321"


def test_a_photo_is_brought_and_a_story_written_with_consent(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    terms = {"kind": "contribution", "consent": "It is mine, and may be used.", "licence": "CC BY 4.0"}
    photo = {"id": "photo", "text": "Take a photo of it.", "takes": "image"} | terms
    story = {"id": "story", "text": "What is it for?", "takes": "text"} | terms
    voice = {"id": "voice", "text": "Say it.", "takes": "audio", "max_seconds": 60} | terms
    config = {"data": {"kind": "text", "field": "text"}, "questions": [photo, story, voice]}
    page.add_init_script(MICROPHONE)
    rows = [{"text": f"A blue thing, the {number}."} for number in range(2)]
    open_task(make_open(actor=requester, organisation=organisation, rows=rows, label_config=config, redundancy=1))
    one, two = (page.locator(f'[data-question="u0.{id}"] [data-tool]') for id in ("photo", "story"))
    one.locator("[data-file]").set_input_files({"name": "n.txt", "mimeType": "text/plain", "buffer": b"words"})
    expect(one.locator("[data-told]")).to_contain_text("none of")
    one.locator("[data-file]").set_input_files({"name": "blue.png", "mimeType": "image/png", "buffer": picture()})
    expect(one.locator("[data-name]")).to_have_text("blue.png")
    expect(one.locator("[data-preview] img")).to_be_visible()
    _removed_while_sent(page, one)
    two.locator("[data-text]").fill("For sitting.")
    two.locator("[data-consent]").check()
    three = page.locator('[data-question="u0.voice"] [data-tool]')
    record = three.locator("[data-record]")
    record.click()
    record.click()  # while the browser still asks
    page.evaluate("grants.forEach((grant) => grant())")
    expect(record).to_have_text("Stop")
    assert page.evaluate("microphones.filter((one) => one.active).length") == 1
    begun = page.evaluate("performance.now()")
    until(lambda: page.evaluate("performance.now()") > begun + 700)
    record.click()
    expect(three.locator("[data-preview] audio")).to_be_visible()
    three.locator("[data-consent]").check()
    page.locator("[data-submit]").click()
    expect(page.get_by_text("Without your consent it cannot be taken").last).to_be_visible()
    axe(page)
    shot(page, "tool-contribution")
    expect(page.locator("span[data-saved]")).to_have_text("saved")
    page.reload()
    page.locator("#task[data-ready]").wait_for()
    expect(one.locator("[data-preview] img")).to_be_visible()
    one.locator("[data-consent]").check()
    page.locator("[data-submit]").focus()

    said = submitted(page)
    kept = Contribution.objects.get(question="photo")
    spoken = Contribution.objects.get(question="voice").media
    assert (said["voice"]["file"], spoken.content_type) == (spoken.pk, "audio/webm")
    assert 0.3 < (spoken.seconds or 0) < 600
    agreed = {word: terms[word] for word in ("consent", "licence")}
    assert said["story"] == {"text": "For sitting."} | agreed
    assert said["photo"] == {"file": kept.media_id, "name": "blue.png", "sha256": kept.sha256} | agreed
    assert kept.answered_at is not None


def _removed_while_sent(page: Page, tool: Locator) -> None:
    """What was removed while a further file is on its way does not come back with it."""
    names = ("blue.png", "other.png")
    blue, other = (FilePayload(name=name, mimeType="image/png", buffer=picture()) for name in names)
    address = f"**{tool.get_attribute('data-bring')}"
    page.route(address, lambda _route: None)  # it never arrives
    with page.expect_request(address):
        tool.locator("[data-file]").set_input_files(other)
    with page.expect_event("requestfailed", timeout=60_000):
        tool.locator("[data-remove]").click()
    expect(tool.locator("[data-kept]")).to_be_hidden()
    page.unroute(address)
    tool.locator("[data-file]").set_input_files(blue)
    expect(tool.locator("[data-name]")).to_have_text("blue.png")


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
    pair, views = page.locator("crowd-pair"), page.locator("crowd-pair .view")
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
