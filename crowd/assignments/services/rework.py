"""Sending an answer back: its worker may answer once more, for more pay where that was said before, or let it stand.

The row becomes active again with its next attempt, and keeps its slot. If he submits, the new answer takes the place of
the old one; if he declines, or his time ends, the old one stands and is decided like any other: nobody loses an answer,
or the pay for it, by being asked for more. What rework adds to the price moves from the project's review reserve to the
assignment, and back where the answer stands.

The new answer is given by the guidelines as they are now, which its worker confirms as before any other task; the old
one keeps those that it was given by.

Everything here needs the gate of the project (shared), then the locks of its row, the participation, the task and the
assignment, in that order.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crowd.assignments import guidelines
from crowd.assignments.models import Answer, Assignment, Draft, Participation
from crowd.assignments.services import gate, recount, slots
from crowd.assignments.states import ASSIGNMENT, REWORK, AssignmentState
from crowd.kernel.errors import Conflict
from crowd.projects.models import GuidelinesVersion, Project, Task
from workers.models import Worker

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

    Raises WrongState unless it is undecided, Conflict where it was sent back before too often, counts no more, or its
    task was made gold since, which has no slot that it could keep.
    """
    REWORK.check(one.state, AssignmentState.ACTIVE)
    if one.is_gold or task.is_gold or not one.counts:
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


def confirm(*, worker: Worker, assignment_id: int, version: int | None) -> None:
    """He has read the guidelines in force; again: nothing happens. Raises NotFound, GuidelinesUnread (not these)."""
    with transaction.atomic(durable=True):
        inside = gate.enter_by_assignment(assignment_id=assignment_id, worker_id=worker.pk).inside
        found = guidelines.unread(Project.objects.get(pk=inside.project_id), inside)
        if found is not None and not _confirmed(found, inside, version):
            raise found.refusal()


def by_what_he_read(one: Assignment, inside: Participation, version: int | None) -> None:
    """The answer that he gives once more is given by the guidelines that he has read last.

    `version`: that he confirms with this request. Raises GuidelinesUnread where he has not read what was in force when
    it was sent back; of a later one he need not know, as with any task that somebody holds. Inner: needs the lock of
    his participation.
    """
    found = guidelines.unread(one.project, inside)
    if found is None or _confirmed(found, inside, version):
        one.guidelines_id = one.project.guidelines_id
    elif _was_in_force(found, one):
        raise found.refusal()
    elif found.before is not None:
        one.guidelines_id = found.before.pk
    one.save(update_fields=["guidelines"])


def _confirmed(found: guidelines.Unread, inside: Participation, version: int | None) -> bool:
    if version != found.version.version:
        return False
    inside.guidelines_read = version
    inside.save(update_fields=["guidelines_read"])
    return True


def _was_in_force(found: guidelines.Unread, one: Assignment) -> bool:
    """Whether a version that he has not read was there when his answer was sent back."""
    then = GuidelinesVersion.objects.filter(project=one.project_id, created_at__lte=one.taken_at)
    last = then.order_by("-version").first()
    read = found.before.version if found.before else 0
    return last is not None and last.version > read and bool(last.text.strip())


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
