"""Answering a task in the browser, for the stories of all tools."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from crowd.assignments.models import Answer
from crowd.projects.models import Project
from tests.browser.conftest import until

SAMPLES = Path(__file__).resolve().parents[3] / "crowd" / "web" / "static" / "web" / "samples"
LABELS = [{"name": "cat", "key": "a"}, {"name": "dog", "key": "d"}]
TEXT = "Ada 🎉 Lovelace wrote to Charles Babbage in London."
Open = Callable[[Project], Locator]


def submitted(page: Page) -> Any:
    """Submit, and what came of it in the database."""
    page.keyboard.press("Enter")
    until(lambda: Answer.objects.count() == 1)
    unit = Answer.objects.get().value["units"][0]
    assert page.faults == []  # type: ignore[attr-defined]
    return unit["q"] if unit.keys() == {"q"} else unit


def ask(page: Page, id: str) -> Locator:
    """This question is up from now on: its tool has the pointer and the keys."""
    tool = page.locator(f'[data-question="u0.{id}"] [data-tool]')
    tool.locator("button:enabled").first.focus()
    return tool


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
