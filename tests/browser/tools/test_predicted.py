"""What a model answered stands in every tool when the task opens, and is submitted as far as it was left."""

import json
from typing import Any

from playwright.sync_api import Page, expect

from crowd.users.models import Organisation, User
from tests.browser.tools.answering import TEXT, Open, submitted
from tests.browser.working import Axe, Shot
from tests.make_project import make_open

QUESTIONS: list[dict[str, Any]] = [
    {"id": "mood", "kind": "choice", "text": "Which mood?", "labels": ["calm", "angry"]},
    {"id": "topics", "kind": "multi-choice", "text": "About what?", "labels": ["people", "places", "money"]},
    {"id": "stars", "kind": "rating", "text": "How well written?", "lowest": 1, "highest": 5},
    {"id": "year", "kind": "number", "text": "Which year?", "required": False},
    {"id": "names", "kind": "spans", "text": "Mark the names.", "labels": ["person", "place"]},
]
SAID: dict[str, Any] = {
    "mood": "angry",
    "topics": ["people", "places"],
    "stars": 4,
    "names": [{"start": 0, "end": 14, "label": "person"}],
}


def test_a_worker_puts_right_what_a_model_answered(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    data = {"kind": "text", "field": "text", "prediction": "model"}
    rows = [{"text": TEXT, "model": json.dumps(SAID)}] * 2
    asked = {"data": data, "questions": QUESTIONS}
    open_task(make_open(actor=requester, organisation=organisation, rows=rows, label_config=asked, redundancy=1))
    expect(page.get_by_text("A model filled this in.")).to_be_visible()
    expect(page.get_by_label("angry")).to_be_checked()
    expect(page.locator("[data-question='u0.names'] [data-marks] [data-choose]")).to_have_count(1)
    expect(page.locator("[data-say]")).to_be_empty()  # nobody typed anything that could have been brought back
    axe(page)
    shot(page, "tool-predicted")

    page.get_by_label("calm").check()
    page.get_by_label("places").uncheck()
    assert submitted(page) == SAID | {"mood": "calm", "topics": ["people"]}
    expect(page.get_by_label("angry")).to_be_checked()  # of the next task
