"""Settling: who is accepted when. What a policy would not accept it only proposes to reject; silence pays.

One call does one project, in transactions of bounded size, and can be repeated at any time:
1. what is past its time is accepted, whatever it says;
2. reports that a task cannot be answered, where a second worker reports the same;
3. what the pay policy accepts early, on complete tasks; the rest of those becomes proposals with evidence.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from crowd.assignments.models import Assignment
from crowd.assignments.services import accept
from crowd.assignments.states import AssignmentState
from crowd.consensus import rules
from crowd.consensus.models import Proposal
from crowd.consensus.services import reports
from crowd.consensus.states import ProposalState
from crowd.kernel import clock
from crowd.projects.models import Project
from crowd.projects.services import reserves
from crowd.projects.states import PayPolicy

CHUNK = 1000  # accepted in one transaction
AT_ONCE = 100 * CHUNK  # found to be due by one statement


def settle(project_id: int) -> int:
    """Accept what is to be accepted in this project now; the number of assignments accepted."""
    number = _accept_overdue(project_id)
    number += reports.settle(project_id)
    if Project.objects.filter(id=project_id).exclude(pay_policy=PayPolicy.DELAY).exists():
        number += _accept_early(project_id)
    return number


def overdue(project: Project, now: datetime) -> QuerySet[Assignment]:
    """Undecided past its time: accepted, complete or not, proposed for rejection or not."""
    return Assignment.objects.filter(project_id=project.id, state=AssignmentState.SUBMITTED, due_at__lte=now)


def complete(project: Project) -> QuerySet[Assignment]:
    """Undecided answers, gold, repeats, or on tasks that have all their answers, that nobody proposes to reject.

    Reports that a task cannot be answered go their own way (`reports`).
    """
    return (
        Assignment.objects.filter(project_id=project.id, state=AssignmentState.SUBMITTED)
        .exclude(_is_proposed())
        .filter(Q(is_gold=True) | Q(is_repeat=True) | Q(task__answered__gte=F("task__needed")))
        .exclude(reports.is_report_in(project.id))
    )


def _is_proposed() -> Exact:
    """Of an assignment: somebody is to decide whether it is rejected. Read as in `reports.is_report`."""
    its_own = Proposal.objects.filter(assignment=OuterRef("pk"))
    return Exact(Coalesce(Subquery(its_own.values("state")[:1]), Value("")), Value(ProposalState.OPEN.value))


def _accept_overdue(project_id: int) -> int:
    number = 0
    while ids := _overdue_first(project_id):
        number += sum(_accept_chunk(project_id, ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK))
        if len(ids) < AT_ONCE:
            break
    return number


def _overdue_first(project_id: int) -> list[int]:
    """The first that are due, for many chunks: looked for at each of them, all that is due would be read so often.

    The order is that of the index of what is due: in that of their ids, the planner may read the project from its
    beginning to find a few.
    """
    due = overdue(Project.objects.get(id=project_id), clock.now())
    return list(due.order_by("due_at", "id").values_list("id", flat=True)[:AT_ONCE])


def _accept_chunk(project_id: int, ids: Sequence[int]) -> int:
    """Those of them that are due still: what somebody decided meanwhile, or sent back, is left alone."""
    with transaction.atomic(durable=True):
        # Who follows a proposal holds this row, then the proposal, then the answer: here it is the answer first.
        project, now = reserves.lock(project_id), clock.now()
        still = [one for one in accept.lock_undecided(ids) if one.due_at and one.due_at <= now]
        number = accept.accept_locked(still, project=project, now=now)
        waiting = Proposal.objects.filter(assignment_id__in=[one.id for one in still], state=ProposalState.OPEN)
        waiting.update(state=ProposalState.LAPSED, decided_at=now)
    return number


def _accept_early(project_id: int) -> int:
    project = Project.objects.get(id=project_id)
    number = 0
    for ids in _by_task(complete(project)):
        with transaction.atomic(durable=True):
            now = clock.now()
            undecided = list(
                Assignment.objects.select_for_update(of=("self",), no_key=True)
                .filter(id__in=ids, state=AssignmentState.SUBMITTED)
                .select_related("task")
                .order_by("id")
            )
            verdicts = rules.judge(project, undecided)
            number += accept.accept_locked([v.assignment for v in verdicts if v.accept], project=project, now=now)
            _propose([v for v in verdicts if not v.accept], project, now)
    return number


def _by_task(rows: QuerySet[Assignment]) -> Iterator[list[int]]:
    """Their ids by task, a chunk at a time, each read when it is asked for: no cursor has to stay for that."""
    ordered = rest = rows.order_by("task_id", "id").values_list("task_id", "id")
    while some := list(rest[:CHUNK]):
        yield [id for _task, id in some]
        task, last = some[-1]
        rest = ordered.filter(task_id__gte=task).exclude(task_id=task, id__lte=last)


def _propose(verdicts: Sequence[rules.Verdict], project: Project, now: datetime) -> None:
    Proposal.objects.bulk_create(
        [
            Proposal(
                project_id=project.id,
                assignment=verdict.assignment,
                evidence=verdict.evidence,
                facts=verdict.facts,
                created_at=now,
            )
            for verdict in verdicts
        ],
        ignore_conflicts=True,
    )
