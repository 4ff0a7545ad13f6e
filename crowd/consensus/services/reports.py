"""Reports that a task cannot be answered: when they are accepted, doubted, or put to somebody else.

Two counting reports agree with each other and are accepted, as are those on a task that went up to a further tier
since: others were asked, as they said. A lone report on a complete task where everybody else gave a label is proposed
for rejection, with that as evidence. Where one answer was asked for, one more person is asked, if the project's
reserves pay for it. Whatever nobody decides is paid when its time comes.
"""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import BooleanField, F, Func, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from crowd.assignments.models import Answer, Assignment
from crowd.assignments.services import accept, slots
from crowd.assignments.states import AssignmentState, Evidence
from crowd.consensus.models import Proposal
from crowd.kernel import clock
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.projects.states import TaskState

AGREE = 2


def is_report() -> GreaterThan:
    """Of an assignment: its answer says that the task cannot be answered.

    Read row by row: as an EXISTS it becomes a join, which in a project that the statistics do not know reads all
    answers beside each assignment.
    """
    said = Answer.objects.filter(
        project_id=OuterRef("project_id"), assignment_id=OuterRef("id"), attempt=OuterRef("attempt")
    )
    return GreaterThan(Coalesce(Subquery(said.values("cannot_answer")[:1]), Value("")), Value(""))


def is_report_in(project_id: int) -> Q:
    """The same, of any of a project's: the few that said so in whatever attempt are looked up once, before that."""
    said = Answer.objects.filter(project_id=project_id).exclude(cannot_answer="")
    ever = Func(
        F("id"),
        ArraySubquery(said.values("assignment_id")),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    return Q(ever) & Q(is_report())


def settle(project_id: int) -> int:
    """Go through the tasks with undecided reports; the number of reports accepted."""
    undecided = Assignment.objects.filter(
        is_report_in(project_id), project_id=project_id, state=AssignmentState.SUBMITTED
    )
    tasks = (
        undecided.filter(is_gold=False, is_repeat=False, task__is_gold=False)
        .order_by("task_id")
        .values_list("task_id", flat=True)
        .distinct()
    )
    return sum(_settle_task(project_id, task_id) for task_id in list(tasks))


def _settle_task(project_id: int, task_id: int) -> int:
    with transaction.atomic(durable=True):
        project = reserves.lock(project_id)
        task = Task.objects.select_for_update(no_key=True).get(id=task_id)
        reports = list(
            Assignment.objects.select_for_update(no_key=True)
            .filter(
                is_report(),
                project_id=project_id,
                task=task,
                state=AssignmentState.SUBMITTED,
                is_repeat=False,
            )
            .order_by("id")
        )
        heeded = [one for one in reports if one.tier < task.tier]
        if task.cannot_answer_count >= AGREE or heeded:
            agreed = reports if task.cannot_answer_count >= AGREE else heeded
            return accept.accept_locked(agreed, project=project, now=clock.now())
        if task.answered >= task.needed and reports:
            _doubt(reports[0], task, project)
        return 0


def _doubt(report: Assignment, task: Task, project: Project) -> None:
    alone = task.answered == 1
    if alone and task.redundancy == task.needed == 1 and not task.tier and task.state == TaskState.LIVE:
        _ask_one_more(task, project)
    elif not alone:
        facts = {"labeled": task.answered - task.cannot_answer_count, "reported": task.cannot_answer_count}
        Proposal.objects.bulk_create(
            [
                Proposal(
                    project_id=project.id,
                    assignment=report,
                    evidence=Evidence.LABELED,
                    facts=facts,
                    created_at=clock.now(),
                )
            ],
            ignore_conflicts=True,
        )


def _ask_one_more(task: Task, project: Project) -> None:
    now = clock.now()  # a report may stop counting, and another one be the only one: that is another slot
    key = f"task:{task.id}:report:{now.isoformat()}"
    paid = reserves.spend_extra(project, 1) or reserves.reserve_slots(project, 1, key=key, now=now)
    if paid:
        slots.add_slots(task, 1)
