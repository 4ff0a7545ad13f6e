"""Rejecting an answer, which cites evidence; overturning that; and its end when the appeal window has passed."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments import quiz
from crowd.assignments.models import Assignment, Rejection
from crowd.assignments.services import batches, recount, slots
from crowd.assignments.services.accept import lock_all, pay, refuse_own
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.states import ASSIGNMENT, REJECTION, AssignmentState, Evidence, RejectionState
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotFound
from crowd.kernel.one_by_one import one_by_one
from crowd.kernel.transitions import WrongState
from crowd.notices.services.notify import notify
from crowd.projects.access import locked_for
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.projects.states import ProjectState, TaskState
from crowd.users.access import require_staff
from crowd.users.models import User
from crowd.users.services import audit
from workers.models import Worker

MAX_REOPENINGS = 2
RECORD = "/work/record/"  # where the worker reads about it


def reject(
    *, actor: User, project_id: int, assignment_ids: Sequence[int], grounds: Grounds, reopen: bool = True
) -> batches.Outcome:
    """Reject these answers, all on the same grounds, or none; where they are so many, staff look first (`batches`).

    The rewards stay held until the appeal window ends. `reopen` asks somebody else in their place, if it can be paid;
    a task that was reopened twice goes to the requester's review instead. Raises NotFound, BadInput, WrongState,
    Conflict (a quiz).
    """
    grounds.check()
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        now = clock.now()
        share = batches.too_many(project, assignment_ids, now=now)
        if share is not None:
            found = check_all(project, assignment_ids, actor)
            lines = [batches.line(one, grounds, actor=actor, reopen=reopen) for one in found]
            return batches.hold(project, lines, share=share, actor=actor, reason=grounds.reason, reopen=reopen, now=now)
        done = reject_many(project, assignment_ids, actor=actor, grounds=grounds, reopen=reopen, now=now)
        tell(done, project, grounds.reason, now)
        return batches.Outcome(rejections=done)


def reject_many(
    project: Project,
    assignment_ids: Sequence[int],
    *,
    actor: User,
    grounds: Grounds,
    reopen: bool,
    now: datetime,
) -> list[Rejection]:
    """As `reject`, inside a transaction that holds the project's row; nobody is told yet (`tell`)."""
    tasks, found = lock_with_tasks(project, assignment_ids)
    refuse_own(actor, found)
    quiz.refuse(project, found)
    reports = recount.cannot_answers(found)
    return [
        _reject_one(
            one,
            tasks,
            one.id in reports,
            actor=actor,
            project=project,
            grounds=grounds,
            reopen=reopen,
            now=now,
        )
        for one in found
    ]


def check_all(project: Project, assignment_ids: Sequence[int], actor: User) -> list[Assignment]:
    """What cannot be rejected is said at once, not when staff have looked. Inner.

    Raises NotFound, WrongState, Conflict (answers of a quiz).
    """
    found = lock_all(project, assignment_ids)
    refuse_own(actor, found)
    quiz.refuse(project, found)
    for one in found:
        ASSIGNMENT.check(one.state, AssignmentState.REJECTED)
    return found


def _reject_one(
    one: Assignment,
    tasks: dict[int, Task],
    cannot_answer: bool,
    *,
    actor: User,
    project: Project,
    grounds: Grounds,
    reopen: bool,
    now: datetime,
) -> Rejection:
    ASSIGNMENT.check(one.state, AssignmentState.REJECTED)
    reopened = False
    if not one.is_gold and one.counts:
        reopened = _leave_slot(tasks[one.task_id], one, cannot_answer, project, reopen=reopen, now=now, actor=actor)
    one.state, one.counts, one.decided_at = AssignmentState.REJECTED, False, now
    one.save(update_fields=["state", "counts", "decided_at"])
    rejection = Rejection.objects.create(
        project_id=project.id,
        assignment=one,
        evidence=grounds.evidence,
        facts=grounds.facts,
        reason=grounds.reason,
        reopened=reopened,
        rejected_by=actor,
        rejected_at=now,
        held_until=now + timedelta(days=settings.CROWD_APPEAL_DAYS),
    )
    _record(actor, "assignment.reject", one, project, grounds.reason, now)
    return rejection


def _leave_slot(
    task: Task, one: Assignment, cannot_answer: bool, project: Project, *, reopen: bool, now: datetime, actor: User
) -> bool:
    """Whether the slot was offered again."""
    reopen = reopen and slots.may_reopen(task, tier=one.tier)
    wanted = reopen and task.rejected_count < MAX_REOPENINGS
    key = f"assignment:{one.id}:{one.attempt}:reopen"
    reopened = wanted and reserves.reserve_slots(project, 1, tier=task.tier, key=key, now=now, actor=actor) == 1
    slots.stop_counting(task, cannot_answer=cannot_answer, reopen=reopened)
    if reopened:
        task.rejected_count += 1
        task.save(update_fields=["rejected_count"])
    elif reopen and task.rejected_count >= MAX_REOPENINGS and task.state == TaskState.LIVE:
        slots.take_out(task)
    return reopened


def overturn(*, actor: User, assignment_id: int, reason: str) -> Rejection:
    """Staff overrule a rejection within its window: the answer is accepted and paid, and counts again if it can.

    Raises BadInput, NotFound, NotAllowed for one's own answer, WrongState, Conflict while an appeal is open: then that
    is what is decided.
    """
    require_staff(actor)
    if not reason.strip():
        raise BadInput(errors={"reason": _("Please say why the rejection is overturned.")})
    project_id = Assignment.objects.filter(id=assignment_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    with transaction.atomic(durable=True):
        project = reserves.lock(project_id)
        task, rejection = lock_rejection(project, assignment_id)
        refuse_own(actor, [rejection.assignment])
        if rejection.state != RejectionState.HELD:
            raise WrongState(
                _("The rejection is %(state)s: its reward is not held any more.")
                % {"state": rejection.get_state_display()},
                state=rejection.state,
            )
        if rejection.appealed:
            raise Conflict(_("The worker has appealed: decide the appeal."))
        overturn_locked(rejection, task, project, actor=actor, reason=reason, now=clock.now())
    return rejection


def lock_rejection(project: Project, assignment_id: int) -> tuple[Task, Rejection]:
    """The rejection of that assignment, with it and its task, all locked. Inner: needs the project's lock.

    Raises NotFound.
    """
    tasks, (one,) = lock_with_tasks(project, [assignment_id])
    rejection = Rejection.objects.select_for_update(no_key=True).filter(assignment=one).first()
    if rejection is None:
        raise NotFound
    rejection.assignment = one
    return tasks[one.task_id], rejection


def keep_held(rejection: Rejection) -> None:
    """Its worker has appealed: the reward stays held, whatever the window, until that is decided. Inner."""
    rejection.appealed = True
    rejection.save(update_fields=["appealed"])


def overturn_locked(
    rejection: Rejection, task: Task, project: Project, *, actor: User | None, reason: str, now: datetime
) -> None:
    """Inner: needs the locks that `lock_rejection` takes. `actor` None: silence did it."""
    one = rejection.assignment
    REJECTION.check(rejection.state, RejectionState.OVERTURNED)
    ASSIGNMENT.check(one.state, AssignmentState.ACCEPTED)
    _resolve(rejection, RejectionState.OVERTURNED, actor, reason, now)
    one.state, one.decided_at = AssignmentState.ACCEPTED, now
    one.counts = recount.count_again(one, task, project)
    one.save(update_fields=["state", "decided_at", "counts"])
    pay([one], project=project, now=now)
    _record(actor, "assignment.overturn", one, project, reason, now)
    if not rejection.appealed:  # else the appeal's end tells him
        _tell(one.worker_id, "rejection_overturned", {"project": project.title, "reason": reason}, now)


def release_due(*, limit: int = 500) -> int:
    """Rejections whose window has ended become final: the held reward returns to the project, or to its owner.

    What was withheld over gold waits there in the reserve for corrections, in case the key was wrong.
    """
    due = Rejection.objects.filter(state=RejectionState.HELD, appealed=False, held_until__lte=clock.now())
    due = due.order_by("held_until")
    return one_by_one(_release_one, list(due.values_list("id", "project_id")[:limit]))


def _release_one(rejection_id: int, project_id: int) -> bool:
    with transaction.atomic(durable=True):
        project = reserves.lock(project_id)
        rejection = (
            Rejection.objects.select_for_update(of=("self",), no_key=True)
            .select_related("assignment")
            .get(id=rejection_id)
        )
        now = clock.now()
        if rejection.state != RejectionState.HELD or rejection.appealed or rejection.held_until > now:
            return False
        make_final(rejection, project, actor=None, reason="", now=now)
    return True


def make_final(rejection: Rejection, project: Project, *, actor: User | None, reason: str, now: datetime) -> None:
    """The held reward goes where it belongs. Inner: needs the locks of the project's row and the rejection."""
    _resolve(rejection, RejectionState.RELEASED, actor, reason, now)
    one = rejection.assignment
    price = one.reward_micros + one.fee_micros
    if price and project.state == ProjectState.CLOSED:
        reserves.return_to_owner(project, price, key=f"assignment:{one.id}:{one.attempt}:release", now=now)
    elif price and rejection.evidence == Evidence.GOLD:
        reserves.to_corrections(project, price)
    elif price:
        reserves.to_surplus(project, price)


def _resolve(rejection: Rejection, state: RejectionState, actor: User | None, reason: str, now: datetime) -> None:
    REJECTION.check(rejection.state, state)
    rejection.state, rejection.resolved_by, rejection.resolution = state, actor, reason
    rejection.resolved_at = now
    rejection.save(update_fields=["state", "resolved_by", "resolution", "resolved_at"])


def lock_with_tasks(project: Project, assignment_ids: Sequence[int]) -> tuple[dict[int, Task], list[Assignment]]:
    """Tasks before assignments, each many by id: the lock order."""
    task_ids = Assignment.objects.filter(project_id=project.id, id__in=assignment_ids).values_list("task_id", flat=True)
    tasks = Task.objects.select_for_update(no_key=True).order_by("id").in_bulk(list(task_ids))
    return tasks, lock_all(project, assignment_ids)


def _record(actor: User | None, action: str, one: Assignment, project: Project, reason: str, now: datetime) -> None:
    audit.record(actor=actor, action=action, subject=one, organisation=project.organisation, reason=reason, now=now)


def tell(rejections: Sequence[Rejection], project: Project, reason: str, now: datetime) -> None:
    """One notice a worker, however many of his answers it is about. Inner."""
    data = {"project": project.title, "reason": reason, "days": settings.CROWD_APPEAL_DAYS}
    for worker_id, count in sorted(Counter(one.assignment.worker_id for one in rejections).items()):
        _tell(worker_id, "answers_rejected", data | {"count": count}, now)


def _tell(worker_id: int, kind: str, data: dict[str, Any], now: datetime) -> None:
    user_id = Worker.objects.values_list("user_id", flat=True).get(pk=worker_id)
    notify(user_id=user_id, kind=kind, data=data, link=RECORD, now=now)
