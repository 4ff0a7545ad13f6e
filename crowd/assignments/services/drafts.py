"""What a worker has typed and not submitted, kept beside his browser's own copy. No answer ever comes of it."""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models.functions import Greatest

from crowd.assignments.errors import NotHeld
from crowd.assignments.models import Assignment, Draft
from crowd.assignments.queries import assignment_of
from crowd.assignments.services import renewal
from crowd.assignments.states import AssignmentState
from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from workers.models import Worker

MAX_BYTES = 4 * 1024**2  # the largest answer that is taken, as the page's fields hold it
KEPT = (AssignmentState.ACTIVE, AssignmentState.EXPIRED)  # what ran out may be taken again, or be handed in late


def save_draft(
    *, worker: Worker, assignment_id: int, attempt: int, value: Any, active_ms: int = 0
) -> tuple[Draft, datetime]:
    """The newest state of his page wins; `revision` counts up, so that another window knows that it is behind. With it
    the deadline from now on: who is at work has it renewed (renewal.py).

    Raises NotFound, NotHeld (submitted, returned, or another attempt), BadInput (too large).
    """
    if len(json.dumps(value)) > MAX_BYTES:
        raise BadInput(errors={"value": f"At most {MAX_BYTES:,} bytes."})
    with transaction.atomic(durable=True):
        assignment, now = _kept(worker, assignment_id, attempt), clock.now()
        deadline = renewal.renew(assignment, project=assignment.project, worker=worker, now=now)
        draft = Draft.objects.select_for_update(no_key=True).filter(assignment=assignment).first()
        revision = draft.revision + 1 if draft else 1
        fields = {"attempt": attempt, "value": value, "revision": revision, "saved_at": now}
        spent = max(active_ms, draft.active_ms if draft and draft.attempt == attempt else 0)
        saved, _made = Draft.objects.update_or_create(assignment=assignment, defaults=fields | {"active_ms": spent})
    return saved, deadline


class AtWork(NamedTuple):
    revision: int  # of the draft, so that a window that only looks knows that it is behind; 0: there is none
    deadline: datetime
    left: timedelta
    renews: bool  # whether being at work may still give more time


def at_work(*, worker: Worker, assignment_id: int, attempt: int | None = None, active_ms: int = 0) -> AtWork:
    """He looks or listens, or his program works: his time is renewed (renewal.py), and what is typed stays as whoever
    typed last left it. `attempt` None: the one that he holds.

    Raises NotFound, NotHeld (submitted, returned, or another attempt).
    """
    with transaction.atomic(durable=True):
        assignment, now = _kept(worker, assignment_id, attempt), clock.now()
        project = assignment.project
        deadline = renewal.renew(assignment, project=project, worker=worker, now=now)
        mine = Draft.objects.filter(assignment=assignment, attempt=assignment.attempt)
        mine.update(active_ms=Greatest("active_ms", active_ms))
        found = draft_of(assignment)
    renews = renewal.is_possible(assignment, deadline=deadline, project=project, worker=worker, now=now)
    return AtWork(found.revision if found else 0, deadline, deadline - now, renews)


def _kept(worker: Worker, assignment_id: int, attempt: int | None) -> Assignment:
    assignment = assignment_of(worker, assignment_id, "project")
    if assignment.state not in KEPT or attempt not in (None, assignment.attempt):
        raise NotHeld(state=assignment.state, attempt=assignment.attempt)
    return assignment


def draft_of(assignment: Assignment) -> Draft | None:
    """The draft of the assignment's current attempt; one of an attempt that ran out is carried on."""
    return Draft.objects.filter(assignment=assignment).first()


def forget(*, assignment_id: int) -> None:
    """After a submit: what was typed on the way is nobody's business."""
    Draft.objects.filter(assignment_id=assignment_id).delete()
