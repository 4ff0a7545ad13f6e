"""People who answer, and what they may say."""

from typing import Any

from crowd.assignments.models import Assignment
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.projects.models import Project
from crowd.users.models import Organisation
from tests import make
from workers.models import Worker

CANNOT = {"cannot_answer": {"reason": "media_broken", "comment": ""}}
PRICE = 48_000


def answer(worker: Worker, project: Project, *values: Any) -> list[Assignment]:
    """Take and submit these answers, one task each."""
    given = []
    for value in values:
        held = take.take_next(worker=worker, project_id=project.id)
        value = {"mood": value} if isinstance(value, str) else value
        given.append(submit(worker=worker, assignment_id=held.id, value=value, take_next=False).assignment)
    return given


def crowd(number: int) -> list[Worker]:
    return [make.make_worker() for _ in range(number)]


def available(organisation: Organisation) -> int:
    return balance(accounts.open(holder="organisation", holder_id=organisation.id, purpose="available", currency="USD"))
