"""One address with one method: who may, what he sends, and what he is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.world import World, rule

Body = Callable[[World], Any]


@dataclass(frozen=True)
class Case:
    """`place` names the ids of the address that are not what they are called in the world."""

    method: str
    name: str
    by: str
    status: int = 200
    body: Any = None
    place: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    form: bool = False
    public: bool = False  # the thing is there for everybody

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def of(name: str) -> Body:
    return lambda world: world.ids[name]


def file(name: str, text: str) -> Body:
    return lambda world: SimpleUploadedFile(name, text.encode())


RULE = rule("warn")
WHY = {"reason": "Because."}
GRANT = {"worker": of("pseudonym"), "value": 50}
MONEY = {"amount": "1.00", "currency": "USD"}
DRAFT = {"project_id": "draft"}
PAUSED = {"project_id": "paused"}
WAITING = {"project_id": "paused", "task_id": "waiting_task"}
SHOWN = {"qualification_id": "shown_qualification"}
TRAINING = {"qualification_id": "training"}
HELD = {"assignment_id": "held"}
MISSED = {"assignment_id": "missed"}
GOLD = {"task_id": "gold_task"}
SUBMITTED = {"assignment_id": "submitted"}
