"""Background work. A message is only a hint: every sweep finds its work in the database, so that a lost or doubled
message changes nothing."""

from celery import shared_task
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.states import AssignmentState
from crowd.consensus.errors import Busy
from crowd.consensus.models import AggregationRun, MergeWanted, VoteChange
from crowd.consensus.services import bias_reports, buy, close, escalate, exporting
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.settle import settle
from crowd.consensus.states import RunState
from crowd.kernel import hints, job_runs
from crowd.projects.models import Project, Task, Tier
from crowd.projects.services import reserves
from crowd.projects.states import ProjectState

HOUR_S = 3600


@shared_task(name="consensus.aggregate_project")
def aggregate_project(project_id: int) -> None:
    try:
        aggregate(project_id)
    except Busy:  # what that run does not see is due again, and nothing below goes by what is noted meanwhile
        job_runs.met_another()
    buy.buy(project_id)  # before settling: a task that is asked once more is not complete
    escalate.escalate(project_id)  # after buying: what is asked once more in its own tier stays there
    settle(project_id)


@shared_task(name="consensus.buy_answers")
def buy_answers(project_id: int) -> None:
    buy.buy(project_id)


@shared_task(name="consensus.escalate_tasks")
def escalate_tasks(project_id: int) -> None:
    escalate.escalate(project_id)


@shared_task(name="consensus.settle_project")
def settle_project(project_id: int) -> None:
    settle(project_id)


@shared_task(name="consensus.close_project")
def close_project(project_id: int) -> None:
    close.close_project(project_id)


# Millions of rows take their time. The claim makes a second delivery of the message harmless.
@shared_task(name="consensus.write_export", soft_time_limit=6 * HOUR_S, time_limit=6 * HOUR_S + 60)
def write_export(export_id: int) -> None:
    exporting.write(export_id=export_id)


@shared_task(name="consensus.count_bias", soft_time_limit=HOUR_S, time_limit=HOUR_S + 60)
def count_bias(report_id: int) -> None:
    bias_reports.count(report_id)


@shared_task(name="consensus.sweep_bias")
def sweep_bias() -> None:
    for report_id in bias_reports.due():
        hints.send(bias_reports.JOB, report_id)


@shared_task(name="consensus.sweep_exports")
def sweep_exports() -> None:
    """Send what waits to a job each, and delete what was kept long enough."""
    for export_id in exporting.due():
        hints.send(exporting.JOB, export_id)
    exporting.delete_old()


@shared_task(name="consensus.sweep")
def sweep() -> None:
    """Send each project that has something to do to a job of its own, so that one in trouble holds up no other."""
    for project_id in due_for_aggregation():
        hints.send("consensus.aggregate_project", project_id)
    for project_id in due_for_settling():
        hints.send("consensus.settle_project", project_id)
    for project_id in due_for_buying():
        hints.send("consensus.buy_answers", project_id)
    for project_id in due_for_escalating():
        hints.send("consensus.escalate_tasks", project_id)
    for project_id in Project.objects.filter(state=ProjectState.CLOSING).values_list("id", flat=True):
        hints.send("consensus.close_project", project_id)


def due_for_aggregation() -> list[int]:
    """Projects with `aggregate_every` new answers since their last run; or with any, and no task left to give out.
    Without any, those whose answers stand otherwise now (rejected, corrected, sent back, out of the count). And those
    where something else changed, whatever became of the hint."""
    runs = AggregationRun.objects.filter(project=OuterRef("id"), state=RunState.DONE).order_by("-id")
    tallies = (
        Participation.objects.filter(project_id=OuterRef("id"))
        .values("project_id")
        .annotate(total=Sum("submitted_count"))
    )
    projects = Project.objects.annotate(
        submitted=Coalesce(Subquery(tallies.values("total")), 0),
        seen=Coalesce(Subquery(runs.values("submitted")[:1]), 0),
    )
    open_tasks = Task.objects.filter(project_id=OuterRef("id"), open=True)
    enough = Q(submitted__gte=F("seen") + F("aggregate_every")) | ~Exists(open_tasks)
    noted = Exists(VoteChange.objects.filter(project=OuterRef("id")))
    answers = Q(enough, submitted__gt=F("seen")) | Q(noted, submitted__lte=F("seen"))
    wanted = Project.objects.filter(id__in=MergeWanted.objects.values("project"))
    working = projects.filter(answers, state__in=reserves.WORKING)
    return sorted({*working.values_list("id", flat=True), *wanted.values_list("id", flat=True)})


def due_for_settling() -> list[int]:
    """Projects with undecided answers."""
    undecided = Assignment.objects.filter(project_id=OuterRef("id"), state=AssignmentState.SUBMITTED)
    return list(Project.objects.filter(Exists(undecided), state__in=reserves.WORKING).values_list("id", flat=True))


def due_for_buying() -> list[int]:
    """Projects that are adaptive, or a tier of which is, with money for a further answer and a task worth one."""
    price = F("reward_micros") + F("fee_micros")
    pays = Q(most_answers__isnull=False, extra_reserve_micros__gte=price)
    tiers = Tier.objects.filter(project=OuterRef("pk"), most_answers__isnull=False, reserve_micros__gte=price)
    adaptive = Project.objects.filter(pays | Exists(tiers), state__in=reserves.RUNNING)
    return [project.id for project in adaptive if buy.is_due(project)]


def due_for_escalating() -> list[int]:
    """Projects with further tiers and a task that is to go up: by expert calls, say, or once a reserve was raised."""
    with_tiers = Project.objects.filter(state__in=reserves.RUNNING, tiers__isnull=False).distinct()
    return [project.id for project in with_tiers if escalate.is_due(project)]
