"""How a worker starts in a browser, and what has come of it."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from crowd.assignments.models import Answer
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.make_project import make_open, texts

Axe = Callable[[Page], None]
Shot = Callable[[Page, str], None]
ESSAY: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [
        {"id": "mood", "kind": "choice", "text": "Which mood?", "labels": ["good", "bad"]},
        {"id": "why", "kind": "text", "text": "Why?", "multiline": True},
        {"id": "words", "kind": "number", "text": "How many words?", "required": False},
    ],
}


def essays(requester: User, organisation: Organisation, **terms: Any) -> Project:
    told = {"title": "Moods", "rows": texts(3), "label_config": ESSAY} | terms
    return make_open(actor=requester, organisation=organisation, **told)


def start(page: Page, title: str) -> None:
    page.goto("/work/")
    page.get_by_role("button", name=f"Start {title}").click()
    page.locator("#task[data-ready]").wait_for()


def count_is(wanted: int) -> bool:
    return Answer.objects.count() == wanted


def answers() -> list[Any]:
    return [answer.value["units"][0] for answer in Answer.objects.order_by("pk")]
