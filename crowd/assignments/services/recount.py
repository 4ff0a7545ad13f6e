"""After a pause or its end: whose answers fill slots.

A paused worker's answers stop counting, and each slot is offered again if its price can be reserved (surplus, then the
organisation's available money); else it closes. After a lift they count again where no other answer took the place.
Either way he is paid for them by the normal clock. Gold answers have no slots.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.services import gate, slots
from crowd.assignments.states import AssignmentState, ParticipationState
from crowd.kernel import clock, locks
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.projects.states import ProjectState

CHUNK = 200
PAYABLE = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED)


def due(*, limit: int = 100) -> list[int]:
    """Ids of participations whose answers wait for a recount: for the sweep."""
    return list(Participation.objects.filter(recount_due=True).order_by("id").values_list("id", flat=True)[:limit])


def recount(participation_id: int) -> int:
    """Bring the answers of one participation in line with its state; the number changed.

    Each chunk is a transaction of its own; a crash in between leaves the rest, still due, to the next call.
    """
    changed = 0
    while True:
        number, more = _chunk(participation_id)
        changed += number
        if not more:
            return changed


def _chunk(participation_id: int) -> tuple[int, bool]:
    with transaction.atomic(durable=True):
        where = Participation.objects.only("project_id", "worker_id").get(id=participation_id)
        locks.shared(locks.Gate.PROJECT, where.project_id)  # before the project's row, as who closes it does
        project = reserves.lock(where.project_id)
        participation = gate.enter(project_id=where.project_id, worker_id=where.worker_id).participation
        assert participation is not None
        if not participation.recount_due:
            return 0, False
        wrong = _out_of_line(participation, project)
        if len(wrong) < CHUNK:
            Participation.objects.filter(id=participation.id).update(recount_due=False)
        changed = _bring_in_line(wrong, participation, project, clock.now())
        return changed, len(wrong) == CHUNK and changed > 0


def reopen(project: Project, worker_id: int, *, until: datetime, now: datetime) -> int:
    """Ask again, of somebody else, what this worker answered up to then, as far as money lasts; he may go on.

    At most CHUNK answers a call; the number of them, 0 when none is left. His pay does not depend on it. Needs the
    project's gate and row, and the participation.
    """
    if project.state == ProjectState.CLOSED:
        return 0
    counting = Assignment.objects.filter(
        project_id=project.id, worker_id=worker_id, state__in=PAYABLE, is_gold=False, counts=True
    )
    found = list(counting.filter(submitted_at__lte=until).order_by("task_id")[:CHUNK])
    tasks = Task.objects.select_for_update(no_key=True).order_by("id").in_bulk([one.task_id for one in found])
    return _stop(found, tasks, cannot_answers(found), project, now)


def ask_anew(project: Project, task_ids: Sequence[int], *, now: datetime) -> dict[int, int]:
    """Every answer to these tasks stops counting, and each slot is offered again, as far as money lasts; all are paid.

    How many, by task. Needs the project's gate and row, and the tasks.
    """
    found = list(
        Assignment.objects.select_for_update(no_key=True)
        .filter(project_id=project.id, task_id__in=task_ids, state__in=PAYABLE, is_gold=False, counts=True)
        .order_by("id")
    )
    tasks = Task.objects.in_bulk([one.task_id for one in found])
    _stop(found, tasks, cannot_answers(found), project, now)
    return Counter(one.task_id for one in found)


def _out_of_line(participation: Participation, project: Project) -> list[Assignment]:
    counts_now = participation.state == ParticipationState.PAUSED
    if project.state == ProjectState.CLOSED:
        return []
    rows = Assignment.objects.filter(
        project_id=participation.project_id,
        worker_id=participation.worker_id,
        state__in=PAYABLE,
        is_gold=False,
        task__is_gold=False,  # made gold since: no slots
        for_review=False,
        is_repeat=False,
        counts=counts_now,
    )
    if not counts_now:  # what was `asked_anew` is not to count again
        rows = rows.exclude(~Q(guidelines=project.guidelines_id), task__ruled_at__gte=F("taken_at"))
    return list(rows.order_by("task_id")[:CHUNK])


def asked_anew(one: Assignment, task: Task, project: Project) -> bool:
    """Whether the requester had it asked again, or decided it, under words that this worker had not seen: the place is
    not his any more, whatever becomes of his pause or his rejection."""
    by_old_words = one.guidelines_id != project.guidelines_id
    return by_old_words and task.ruled_at is not None and one.taken_at <= task.ruled_at


def _bring_in_line(wrong: Sequence[Assignment], participation: Participation, project: Project, now: datetime) -> int:
    tasks = Task.objects.select_for_update(no_key=True).order_by("id").in_bulk([one.task_id for one in wrong])
    reports = cannot_answers(wrong)
    if participation.state == ParticipationState.PAUSED:
        return _stop(wrong, tasks, reports, project, now)
    return _count_all_again(wrong, tasks, reports, project)


def _stop(
    wrong: Sequence[Assignment], tasks: dict[int, Task], reports: set[int], project: Project, now: datetime
) -> int:
    """Asked again in the same tier, where there is still something to ask."""
    paid: set[int] = set()
    for tier in sorted({one.tier for one in wrong}):
        asked = [one.id for one in wrong if one.tier == tier and slots.may_reopen(tasks[one.task_id], tier=tier)]
        key = f"project:{project.id}:recount:{asked[0]}:{int(now.timestamp() * 1_000_000)}" if asked else ""
        paid |= set(asked[: reserves.reserve_slots(project, len(asked), tier=tier, key=key, now=now) if asked else 0])
    for one in wrong:
        slots.stop_counting(tasks[one.task_id], cannot_answer=one.id in reports, reopen=one.id in paid)
        _set_counts(one, counts=False)
    return len(wrong)


def _count_all_again(wrong: Sequence[Assignment], tasks: dict[int, Task], reports: set[int], project: Project) -> int:
    freed = []
    for one in wrong:
        micros = _count_again(one, tasks[one.task_id], project, reports)
        if micros is not None:
            _set_counts(one, counts=True)
            freed.append(micros)
    if any(freed):
        reserves.to_surplus(project, sum(freed))
    return len(freed)


def count_again(one: Assignment, task: Task, project: Project) -> bool:
    """Whether an answer that stands again counts: where no other took its place, so that none is collected twice.

    The price of a free slot that it takes goes to the surplus. Inner: needs the locks of the project's row, the task
    and the assignment, and its caller saves `counts`.
    """
    freed = _count_again(one, task, project, cannot_answers([one]))
    if freed:
        reserves.to_surplus(project, freed)
    return freed is not None


def _count_again(one: Assignment, task: Task, project: Project, reports: set[int]) -> int | None:
    """What it frees of the project's escrow, for the caller to put into the surplus; None: it does not count."""
    slotless = one.is_gold or one.is_repeat or one.for_review
    if slotless or project.state == ProjectState.CLOSED or asked_anew(one, task, project):
        return None
    took_free = slots.count_again(task, tier=one.tier, cannot_answer=one.id in reports)
    if took_free is None:
        return None
    return reserves.slot_price(project, task.tier) if took_free else 0


def cannot_answers(assignments: Sequence[Assignment]) -> set[int]:
    """Ids of the assignments among these whose answer is a report that the task cannot be answered."""
    ids, projects = [one.id for one in assignments], {one.project_id for one in assignments}
    reports = Answer.objects.filter(project_id__in=projects, assignment_id__in=ids).exclude(cannot_answer="")
    attempts = {one.id: one.attempt for one in assignments}
    return {
        assignment_id
        for assignment_id, attempt in reports.values_list("assignment_id", "attempt")
        if attempts[assignment_id] == attempt
    }


def _set_counts(one: Assignment, *, counts: bool) -> None:
    one.counts = counts
    one.save(update_fields=["counts"])
