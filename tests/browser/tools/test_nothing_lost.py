"""Whatever the tool: what was done comes back after a dead line and a killed tab, a sign-out, and in a second tab."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from crowd.assignments.models import Answer, Contribution
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.browser.conftest import NewContext, SignIn, until
from tests.browser.drawing import at, drag, of_files, picture
from tests.browser.tools.answering import LABELS, SAMPLES, TEXT, Open, ask, select
from tests.browser.tools.test_brought import MICROPHONE
from tests.make_project import make_open
from workers.models import Worker

Step = Callable[[Page], None]


@dataclass(frozen=True)
class Family:
    """Tools that are on one page: what is asked about it, and three parts of the answer."""

    kind: str
    questions: list[dict[str, Any]]
    item: Any  # a row, or a file and its ending
    without_line: Step
    signed_out: Step
    in_second_tab: Step
    with_line: Step = lambda _page: None  # before it is gone

    def post(self, requester: User, organisation: Organisation) -> Project:
        if isinstance(self.item, tuple):
            file, ending = self.item
            return of_files(requester, organisation, self.kind, file, ending, self.questions)
        data = {"kind": self.kind} | ({"field": "text"} if self.kind == "text" else {})
        asked = {"data": data, "questions": self.questions}
        rows = [self.item] * 2
        return make_open(actor=requester, organisation=organisation, rows=rows, label_config=asked, redundancy=1)


# --- Words: spans, relations, a tree -----------------------------------------------------------------------------
NODES = [["root", "All things"], ["a", "Letters", "root"], ["b", "Numbers", "root"]]


def mark_words(page: Page) -> None:
    page.locator('[data-question="u0.tree"]').get_by_role("button", name="Numbers").click()
    ask(page, "names")
    mark_word(page, "Lovelace", number=1)
    page.keyboard.press("Escape")


def mark_another(page: Page) -> None:
    ask(page, "names")
    page.keyboard.press("Escape")
    mark_word(page, "Babbage", number=2)


def mark_word(page: Page, word: str, *, number: int) -> None:
    """The library hears of a choice some milliseconds late, and what is pressed before ends it."""
    select(page, word)
    expect(page.locator('[data-question="u0.names"] [data-marks] [data-choose]')).to_have_count(number)


def join_them(page: Page) -> None:
    page.locator("[data-end=from]").select_option(index=1)
    page.locator("[data-end=to]").select_option(index=2)
    page.get_by_role("button", name="Join").click()


# --- Times: segments and tracks of a film ------------------------------------------------------------------------
def follow(page: Page) -> None:
    ask(page, "tracks")
    page.keyboard.press("n")


def mark_a_time(page: Page) -> None:
    ask(page, "times")
    page.keyboard.press("n")


# --- Pictures: a mask and outlines -------------------------------------------------------------------------------
def paint(page: Page) -> None:
    ask(page, "mask")
    drag(page, (100, 100), (300, 250))


def outline(page: Page) -> None:
    ask(page, "outlines")
    for corner in ((500, 100), (700, 100), (700, 250)):
        page.mouse.click(*at(page, *corner))
    page.keyboard.press("Enter")


def paint_more(page: Page) -> None:
    ask(page, "mask")
    page.keyboard.press("Escape")
    drag(page, (500, 400), (700, 400))


# --- Rows: a table, an order, a file -----------------------------------------------------------------------------
TERMS = {"kind": "contribution", "consent": "It is mine.", "licence": "CC BY 4.0"}
THINGS = ["left", "right"]


def correct_and_bring(page: Page) -> None:
    page.get_by_label("born: wrong").check()
    page.get_by_role("textbox", name="Born").fill("1816")
    blue = {"name": "blue.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("[data-file]").set_input_files(blue)  # type: ignore[arg-type]
    expect(page.get_by_text("The file is kept in this browser and sent later.")).to_be_visible()


def put_in_order(page: Page) -> None:
    page.get_by_role("button", name="right up").or_(page.get_by_role("button", name="left up")).last.click()
    page.get_by_label("right is the best").check()
    page.get_by_label("left is the worst").check()


def choose_and_write(page: Page) -> None:
    expect(page.locator("[data-name]").last).to_have_text("blue.png")  # by itself, when there was a line
    page.get_by_role("radio", name="right").first.check()
    page.locator("[data-text]").fill("For sitting.")
    for box in page.locator("[data-consent]").all():
        box.check()


FAMILIES = {
    "words": Family(
        kind="text",
        questions=[
            {"id": "names", "kind": "spans", "text": "Mark the names.", "labels": ["person"]},
            {"id": "joined", "kind": "relations", "text": "Who wrote?", "labels": ["wrote to"], "of": "names"},
            {"id": "tree", "kind": "taxonomy", "text": "About what?", "nodes": NODES},
        ],
        item={"text": TEXT},
        with_line=lambda page: page.get_by_role("button", name="What is below it").first.click(),
        without_line=mark_words,
        signed_out=mark_another,
        in_second_tab=join_them,
    ),
    "times": Family(
        kind="video",
        questions=[
            {"id": "times", "kind": "segments", "text": "When?", "labels": LABELS},
            {"id": "tracks", "kind": "tracks", "text": "Follow it.", "labels": LABELS},
        ],
        item=((SAMPLES / "block.webm").read_bytes(), "webm"),
        without_line=mark_a_time,
        signed_out=follow,
        in_second_tab=mark_a_time,
    ),
    "pictures": Family(
        kind="image",
        questions=[
            {"id": "mask", "kind": "masks", "text": "Paint it.", "labels": LABELS},
            {"id": "outlines", "kind": "polygons", "text": "Draw around it.", "labels": LABELS},
        ],
        item=(picture(), "png"),
        without_line=paint,
        signed_out=outline,
        in_second_tab=paint_more,
    ),
    "rows": Family(
        kind="row",
        questions=[
            {"id": "flags", "kind": "flags", "text": "Wrong?", "labels": ["wrong"], "columns": ["name", "born"]},
            {
                "id": "record",
                "kind": "record",
                "text": "Put it right.",
                "fields": [{"name": "born", "type": "integer", "title": "Born", "column": "born"}],
            },
            {"id": "better", "kind": "pairwise", "text": "Which is better?", "labels": THINGS, "reasons": ["shorter"]},
            {"id": "order", "kind": "ranking", "text": "Put them in order.", "labels": THINGS},
            {"id": "ends", "kind": "best-worst", "text": "The best and the worst?", "labels": THINGS},
            {"id": "photo", "text": "Take a photo of it.", "takes": "image"} | TERMS,
            {"id": "story", "text": "What is it for?", "takes": "text"} | TERMS,
        ],
        item={"name": "Ada", "born": "1815", "left": "The first.", "right": "The second."},
        without_line=correct_and_bring,
        signed_out=put_in_order,
        in_second_tab=choose_and_write,
    ),
}

# What a person sees of the answers: the lists of marks, what is chosen, the order, every field, what is drawn.
SEEN = """() => {
  const all = (selector, place = document) => [...place.querySelectorAll(selector)];
  const fields = one => all("input, textarea, select[data-name]", one).filter(
    field => !["file", "search", "range"].includes(field.type) && !field.hasAttribute("data-answer"));
  const painted = canvas => canvas.width && canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
    .data.filter((value, place) => place % 4 === 3 && value > 0).length;
  return JSON.stringify([
    all("[data-question]").map(one => [
      all("[data-marks] [data-choose], [data-chosen], [data-thing] strong", one).map(each => each.textContent.trim()),
      fields(one).map(field => ["radio", "checkbox"].includes(field.type) ? field.checked : field.value)]),
    all(".surface .mark").length,
    all("canvas.masks").slice(0, 1).map(painted)]);
}"""
ANSWERS = """() => Object.fromEntries([...document.querySelectorAll("[data-question]")].map(one =>
  [one.dataset.question.replace("u0.", ""), JSON.parse(one.querySelector("[data-answer]").value || "null")]))"""


@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_is_lost_of_what_was_done_with(
    name: str,
    context: BrowserContext,
    page: Page,
    requester: User,
    organisation: Organisation,
    open_task: Open,
    sign_in: SignIn,
) -> None:
    family, faults = FAMILIES[name], list[str]()
    context.on("weberror", lambda one: faults.append(str(one.error)))
    open_task(family.post(requester, organisation))
    task = page.url
    stands(page)

    family.with_line(page)
    context.set_offline(True)
    family.without_line(page)
    done = page.evaluate(SEEN)
    assert is_begun(page)
    page.close()  # the tab is killed, with nothing of it on the server
    context.set_offline(False)
    page = again(context, task, done)

    context.clear_cookies()
    family.signed_out(page)
    expect(page.get_by_text("You are signed out. What you typed is kept.")).to_be_visible()
    before, done = done, page.evaluate(SEEN)
    assert done != before
    sign_in(Worker.objects.get().user)
    page.reload()
    until(lambda: is_as(page, done), what="after signing in")

    other = again(context, task, done)
    family.in_second_tab(other)
    before, done = done, other.evaluate(SEEN)
    assert done != before
    until(lambda: is_as(page, done), what="in the first tab")
    said = page.evaluate(ANSWERS)
    page.locator("[data-submit]").click()
    until(lambda: Answer.objects.count() == 1)
    (stored,) = Answer.objects.get().value["units"]
    assert stored.keys() == said.keys()
    assert all(stored[id] == value for id, value in said.items() if not (value and "consent" in value))
    assert {one.media.filename for one in Contribution.objects.all()} == ({"blue.png"} if name == "rows" else set())
    assert faults == []


def again(context: BrowserContext, task: str, done: str) -> Page:
    page = context.new_page()
    page.goto(task)
    until(lambda: is_as(page, done), what=f"{done} came back as {page.evaluate(SEEN)}")
    stands(page)
    return page


def stands(page: Page) -> None:
    page.locator("#task[data-ready]").wait_for()
    if page.locator("crowd-player").count():
        page.locator("crowd-player[data-ready]").wait_for()
    if page.locator(".item :is(img, video)").count():
        page.locator(".surface svg[viewBox]").wait_for()


def is_as(page: Page, done: str) -> bool:
    return bool(page.locator("#task[data-ready]").count()) and page.evaluate(SEEN) == done


def is_begun(page: Page) -> bool:
    return any(page.evaluate(ANSWERS).values())


PARTS = """async () => { const asking = indexedDB.open("crowd-brought");
  const store = await new Promise(done => asking.onsuccess = () => done(asking.result));
  const counting = store.transaction("parts").objectStore("parts").count();
  const count = await new Promise(done => counting.onsuccess = () => done(counting.result));
  store.close(); return count; }"""


def test_a_recording_that_was_cut_short_is_offered_as_far_as_it_goes(
    new_context: NewContext,
    requester: User,
    organisation: Organisation,
    open_task_in: Callable[..., str],
    sign_in: SignIn,
) -> None:
    """With the policy of the site, which lets the part be played; another tab leaves one alone that still runs. Nothing
    of it stays at this machine when the task is answered or returned, or somebody signs out."""
    asked = {"id": "voice", "kind": "contribution", "text": "Say it.", "takes": "audio", "max_seconds": 60} | TERMS
    config = {"data": {"kind": "text", "field": "text"}, "questions": [asked]}
    rows = [{"text": "Ada."}] * 2
    context = new_context(bypass_csp=False)
    context.add_init_script(MICROPHONE)
    page = context.new_page()
    task = open_task_in(page, make_open(
        actor=requester, organisation=organisation, rows=rows, label_config=config, redundancy=1
    ))  # fmt: skip

    begin(page)
    other = context.new_page()
    other.goto(task)
    other.locator("#task[data-ready]").wait_for()
    expect(other.locator("[data-cut]")).to_be_hidden()
    page.close()
    expect(other.locator("[data-cut]")).to_be_visible()
    until(lambda: other.evaluate("document.querySelector('[data-cut] audio').readyState > 0"))
    expect(other.locator("[data-record]")).to_be_disabled()
    other.get_by_role("button", name="Discard it").click()
    until(lambda: other.evaluate(PARTS) == 0)

    other.route("**/files/", lambda _route: None)  # a first one never arrives, and is not mixed with the second
    begin(other, least=2)
    other.locator("[data-record]").click()
    until(lambda: other.evaluate(PARTS) == 1)
    begin(other)
    other.close()
    page = context.new_page()
    page.goto(task)
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("[data-preview] audio")).to_be_visible()
    page.locator("[data-consent]").check()
    begin(page, least=2)  # another one, which still runs when the first is removed and the task cannot be answered
    page.locator("[data-remove]").click()
    expect(page.locator("[data-preview] audio")).to_be_hidden()
    kept = page.evaluate(PARTS)
    until(lambda: page.evaluate(PARTS) > kept >= 2)
    page.keyboard.press("c")
    page.get_by_label("It does not load").check()
    page.locator("[data-cannot] button").click()
    until(lambda: Answer.objects.count() == 1)
    until(lambda: page.evaluate(PARTS) == 0)
    assert (Contribution.objects.get().media.seconds or 0) > 0

    page.wait_for_url(lambda address: address != task)
    begin(page)
    task = page.url
    page.locator("details.menu summary").click()
    page.locator("[data-signs-out] button").click()
    page.get_by_role("link", name="Sign in").first.wait_for()
    until(lambda: page.evaluate("indexedDB.databases()") == [])
    sign_in(Worker.objects.get().user, context)
    page.goto(task)
    begin(page)
    page.keyboard.press("r")
    page.get_by_role("button", name="Return it").click()
    page.get_by_text("The task is back with the others.").wait_for()
    until(lambda: page.evaluate(PARTS) == 0)


def begin(page: Page, least: int = 1) -> None:
    """A recording of which so many parts are kept."""
    page.locator("#task[data-ready]").wait_for()
    page.locator("[data-record]").click()
    until(lambda: page.evaluate("window.grants.splice(0).map((grant) => grant()).length"))
    until(lambda: page.evaluate(PARTS) >= least)
