"""Texts, trees and rows, with a real mouse and real keys: what is stored is what was aimed at."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from crowd.labeling import documents
from crowd.users.models import Organisation, User
from crowd.web.requester import gallery
from tests.browser.tools.answering import TEXT, Open, ask, select, submitted
from tests.browser.working import Axe, Shot
from tests.make_project import make_open


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
