"""Sending an answer back: its worker may answer once more, for more pay where that was said before, or let it stand.

The row becomes active again with its next attempt, and keeps its slot. If he submits, the new answer takes the place of
the old one; if he declines, or his time ends, the old one stands and is decided like any other: nobody loses an answer,
or the pay for it, by being asked for more. What rework adds to the price moves from the project's review reserve to the
assignment, and back where the answer stands.

Everything here needs the gate of the project (shared), then the locks of its row, the participation, the task and the
assignment, in that order.
"""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from crowd.assignments.models import Answer, Assignment, Draft, Participation
from crowd.assignments.services import recount, slots
from crowd.assignments.states import ASSIGNMENT, REWORK, AssignmentState
from crowd.kernel.errors import Conflict
from crowd.projects.models import Project, Task

MOST_ATTEMPTS = 3
FIELDS = ["state", "attempt", "rework_of", "reward_micros", "fee_micros", "rework_reward_micros", "rework_fee_micros"]
FIELDS += ["deadline", "taken_at", "opened_at", "submitted_at", "due_at"]


def send_back(
    one: Assignment,
    *,
    task: Task,
    project: Project,
    price: tuple[int, int],
    until: datetime,
    now: datetime,
) -> None:
    """`price`: reward and fee that rework adds, in micros; the caller has made sure that the reserve holds them.

    Raises WrongState unless it is undecided, Conflict where it was sent back before too often, or counts no more.
    """
    REWORK.check(one.state, AssignmentState.ACTIVE)
    if one.is_gold or not one.counts:
        raise Conflict(_("Answer %(id)d cannot be sent back.") % {"id": one.pk})
    if one.attempt >= MOST_ATTEMPTS:
        raise Conflict(_("Answer %(id)d was sent back before; accept or reject it now.") % {"id": one.pk})
    _uncount(task, one)
    one.rework_of, one.attempt = one.attempt, one.attempt + 1
    one.rework_reward_micros, one.rework_fee_micros = price
    one.state, one.submitted_at, one.due_at = AssignmentState.ACTIVE, None, None
    one.taken_at = one.opened_at = now
    one.deadline = until
    _price(one, project, +1)
    _tally(one, -1)
    Draft.objects.filter(assignment=one).delete()


def let_stand(one: Assignment, *, task: Task, project: Project, now: datetime) -> None:
    """The answer that was sent back stands: he declined, or his time is over. Its time to be decided begins anew."""
    assert one.rework_of is not None
    ASSIGNMENT.check(one.state, AssignmentState.SUBMITTED)
    answer = Answer.objects.get(project_id=one.project_id, assignment=one, attempt=one.rework_of)
    one.state, one.attempt, one.rework_of = AssignmentState.SUBMITTED, one.rework_of, None
    one.submitted_at, one.due_at = answer.submitted_at, now + timedelta(seconds=project.auto_accept_s)
    _price(one, project, -1)
    _tally(one, +1)
    task.answered += 1
    task.cannot_answer_count += int(answer.cannot_answer != "")
    task.save(update_fields=["answered", "cannot_answer_count"])
    slots.look_again(task)
    Draft.objects.filter(assignment=one).delete()


def _uncount(task: Task, one: Assignment) -> None:
    task.answered -= 1
    task.cannot_answer_count -= len(recount.cannot_answers([one]))
    task.save(update_fields=["answered", "cannot_answer_count"])


def _price(one: Assignment, project: Project, sign: int) -> None:
    one.reward_micros += sign * one.rework_reward_micros
    one.fee_micros += sign * one.rework_fee_micros
    project.review_reserve_micros -= sign * (one.rework_reward_micros + one.rework_fee_micros)
    if sign < 0:
        one.rework_reward_micros = one.rework_fee_micros = 0
    one.save(update_fields=FIELDS)
    project.save(update_fields=["review_reserve_micros"])


def _tally(one: Assignment, by: int) -> None:
    Participation.objects.filter(project_id=one.project_id, worker_id=one.worker_id).update(
        submitted_count=F("submitted_count") + by
    )
