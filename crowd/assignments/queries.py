"""What is read about assignments: for the worker, for the requester, for the sums that nobody keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from crowd.assignments import eligibility
from crowd.assignments.errors import NotEligible, QuizFirst, TasksNotChosen
from crowd.assignments.models import Answer, Assignment, Contribution, Draft, Leaving, Participation, Rejection
from crowd.assignments.services import claim, gate, take
from crowd.assignments.states import ASSIGNMENT, AssignmentState, RejectionState
from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.payouts import queries as payouts
from crowd.projects.models import Project, Task, TeamMember
from crowd.projects.states import ProjectState, TaskState, Workforce
from crowd.users.errors import SomethingLeft
from crowd.users.models import User
from qualifications.states import Guard
from workers.models import Worker

OPENED = Q(opened_at__isnull=False)  # what was only reserved ahead is in nobody's list and in no record


@dataclass(frozen=True)
class Offer:
    """A project as one worker sees it in his list: `lacking` says in words what keeps him out, if anything does."""

    project: Project
    tasks_left: bool
    lacking: tuple[str, ...]
    tiers: tuple[eligibility.Reach, ...] = ()


@dataclass(frozen=True)
class Progress:
    """A project's counts; `slots` are answers paid for, `answered` those that count."""

    tasks: int
    done: int
    in_review: int
    slots: int
    answered: int
    gold_answers: int
    workers: int


def offers(worker: Worker, *, among: Q | None = None, before: int | None = None, limit: int = 50) -> list[Offer]:
    """Open projects that he may see, newest first; `before` is the last id of the page before, `among` narrows them.

    Those whose requirements keep him from discovering them are left out, unless he has worked there.
    """
    teams = TeamMember.objects.filter(worker=worker, removed_at=None).values("project_id")
    open_ = Project.objects.filter(among or Q(), state=ProjectState.OPEN)
    visible = open_.filter(Q(workforce=Workforce.PUBLIC) | Q(id__in=teams))
    left = Task.objects.filter(project_id=OuterRef("id"), tier=0, open=True)
    worked = Participation.objects.filter(project_id=OuterRef("id"), worker=worker)
    rows = visible.select_related("organisation").annotate(left=Exists(left), worked=Exists(worked)).order_by("-id")
    found: list[Offer] = []
    now = clock.now()
    while len(found) < limit:
        page = list((rows if before is None else rows.filter(id__lt=before))[:limit])
        standings = eligibility.standings(worker, page, now)
        seen = [one for one in page if one.worked or standings[one.pk].allows(Guard.DISCOVER)]
        found += [_offer(one, one.left, standings[one.pk]) for one in seen]
        if len(page) < limit:
            break
        before = page[-1].pk
    return found[:limit]


def offer(worker: Worker, project: Project, standing: eligibility.Standing) -> Offer:
    """One project, where it is known how he stands before it."""
    return _offer(project, Task.objects.filter(project=project, tier=0, open=True).exists(), standing)


def _offer(project: Project, left: bool, standing: eligibility.Standing) -> Offer:
    """Tasks of tiers that he does not reach are none for him."""
    left = left or any(one.left for one in standing.tiers if one.verdict.met)
    return Offer(project, left, standing.lacking, standing.tiers)


def lacking(worker: Worker, project: Project, now: datetime) -> tuple[str, ...]:
    """In words, what keeps this worker from taking a task here; empty when nothing does."""
    return eligibility.standing(worker, project, now).lacking


def visible_to(worker: Worker, project_id: int) -> Project:
    """A project that the worker may look at: open to him, or he has worked there. Raises NotFound."""
    project = Project.objects.select_related("organisation", "config", "guidelines").filter(id=project_id).first()
    if project is None or project.state == ProjectState.DRAFT:
        raise NotFound
    if Participation.objects.filter(project=project, worker=worker).exists():
        return project
    member = TeamMember.objects.filter(project=project, worker=worker, removed_at=None).exists()
    if not (member or project.workforce == Workforce.PUBLIC):
        raise NotFound
    if not eligibility.standing(worker, project, clock.now()).allows(Guard.DISCOVER):
        raise NotFound
    return project


def previewable(worker: Worker, project: Project, standing: eligibility.Standing) -> bool:
    """Whether he may read what is asked before he takes a task: guidelines, questions, tasks to choose from."""
    worked = Participation.objects.filter(project=project, worker=worker)
    return standing.allows(Guard.PREVIEW) or worked.exists()


def check_previewable(worker: Worker, project: Project) -> None:
    """Raises NotEligible, with what is missing; items with a warning are for who has agreed to see such."""
    standing = eligibility.standing(worker, project, clock.now())
    if standing.unasked or not previewable(worker, project, standing):
        raise NotEligible(" ".join(standing.lacking), unmet=list(standing.lacking))


def choosable(worker: Worker, project: Project) -> QuerySet[Task]:
    """The tasks that he may name where workers choose; gold and a repeat that is due stand among them like any other.

    Raises TasksNotChosen, NotEligible, QuizFirst.
    """
    if not project.choose_tasks:
        raise TasksNotChosen
    check_previewable(worker, project)
    inside = Participation.objects.filter(project=project, worker=worker).first()
    if take.in_quiz(inside, project):
        raise QuizFirst
    done = [state for state in AssignmentState.values if not ASSIGNMENT.allows(state, AssignmentState.ACTIVE)]
    had = Assignment.objects.filter(project=project, task_id=OuterRef("id"), worker=worker, state__in=done)
    gold = (
        Q(is_gold=True, state=TaskState.LIVE)
        if gate.gold_reserve_now(project) >= project.price_micros
        else Q(pk__in=[])
    )
    tiers = [0, *eligibility.standing(worker, project, clock.now()).tiers_met]
    ring = Q(open=True, tier__in=tiers)
    repeat = Q(pk=_repeat_due(inside, project))
    return Task.objects.filter(Q(ring | gold, ~Exists(had)) | repeat, project=project).order_by("-id")


def _repeat_due(inside: Participation | None, project: Project) -> int | None:
    if inside is None or not take.repeat_is_due(inside, project):
        return None
    return claim.repeat_to_choose(inside, project)


def of_worker(worker: Worker) -> QuerySet[Assignment]:
    return Assignment.objects.filter(OPENED, worker=worker).select_related("task").order_by("-id")


def assignment_of(worker: Worker, assignment_id: int, *parts: str) -> Assignment:
    """The worker's own assignment, with its task and the `parts` that are named; NotFound for anybody else's."""
    found = of_worker(worker).select_related("task", *parts).filter(id=assignment_id).first()
    if found is None:
        raise NotFound
    return found


def pending_micros(worker: Worker) -> dict[str, int]:
    """What he has submitted and nobody has decided, by currency."""
    rows = (
        Assignment.objects.filter(worker=worker, state=AssignmentState.SUBMITTED)
        .values_list("project__currency")
        .annotate(total=Sum("reward_micros"))
    )
    return dict(rows)


def owed_top_ups(worker: Worker) -> list[dict[str, Any]]:
    """What projects lack the money for at the moment: project, title, currency and micros, the oldest first."""
    rows = Participation.objects.filter(worker=worker, top_up_due_micros__gt=F("topped_up_micros"))
    rows = rows.filter(project__floor_missing_micros__gt=0).order_by("project_id")
    micros = F("top_up_due_micros") - F("topped_up_micros")
    named = {"title": F("project__title"), "currency": F("project__currency"), "micros": micros}
    return [dict(row) for row in rows.values("project_id", **named)]


def answers_of(assignments: Sequence[Assignment]) -> dict[int, Answer]:
    """The answer of each one's current attempt, by assignment id."""
    attempts = {one.id: one.attempt for one in assignments}
    projects = {one.project_id for one in assignments}  # without them the index is searched project by project
    found = Answer.objects.filter(project_id__in=projects, assignment_id__in=attempts).select_related("config")
    return {answer.assignment_id: answer for answer in found if attempts[answer.assignment_id] == answer.attempt}


def rejection_of(assignment: Assignment) -> Rejection | None:
    return Rejection.objects.filter(assignment=assignment).first()


def progress(project: Project) -> Progress:
    return progress_of([project.pk])[project.pk]


def progress_of(project_ids: Sequence[int]) -> dict[int, Progress]:
    """The same of many, in as many statements as of one."""
    ring = Task.objects.filter(project__in=project_ids, is_gold=False).values("project").order_by()
    tasks = ring.annotate(
        tasks=Count("id"),
        done=Count("id", filter=Q(answered__gte=F("needed")) & ~Q(state="review", needed=0)),
        in_review=Count("id", filter=Q(state="review")),
        slots=Sum("needed", default=0),
        given=Sum("answered", default=0),
    )
    inside = Participation.objects.filter(project__in=project_ids).values("project").order_by()
    people = inside.annotate(workers=Count("id"), gold=Sum(F("gold_right") + F("gold_wrong"), default=0))
    counted: dict[int, Mapping[str, Any]] = {row["project"]: row for row in tasks}
    joined: dict[int, Mapping[str, Any]] = {row["project"]: row for row in people}
    return {one: _progress(counted.get(one, {}), joined.get(one, {})) for one in project_ids}


def _progress(tasks: Mapping[str, Any], people: Mapping[str, Any]) -> Progress:
    return Progress(
        tasks=tasks.get("tasks", 0),
        done=tasks.get("done", 0),
        in_review=tasks.get("in_review", 0),
        slots=tasks.get("slots", 0),
        answered=tasks.get("given", 0),
        gold_answers=people.get("gold", 0),
        workers=people.get("workers", 0),
    )


def nothing_pending(user: User) -> None:
    """For erasing an account: raises SomethingLeft while an answer of his is undecided, its reward held, or he is
    owed something towards a pay floor."""
    mine = Assignment.objects.filter(worker__user=user)
    undecided = mine.filter(state__in=(AssignmentState.ACTIVE, AssignmentState.SUBMITTED)).count()
    held = Rejection.objects.filter(assignment__worker__user=user, state=RejectionState.HELD).count()
    owed = Participation.objects.filter(worker__user=user, top_up_due_micros__gt=F("topped_up_micros"))
    owing = owed.filter(project__floor_missing_micros__gt=0).count()
    if undecided or held or owing:
        raise SomethingLeft(undecided=undecided, held=held, owing=owing)


def nothing_left(user: User) -> None:
    """For erasing an account: raises SomethingLeft while money of his is undecided, held, available or on its way."""
    nothing_pending(user)
    payouts.nothing_left(user)


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export; empty when he is no worker."""
    worker = Worker.objects.filter(user=user).first()
    if worker is None:
        return {}
    names = ("project_id", "assignment_id", "attempt", "value", "late", "submitted_at", "elapsed_ms", "active_ms")
    work = Participation.objects.filter(worker=worker).order_by("pk")
    return {
        "projects": list(work.values("project_id", "state", "joined_at", "submitted_count", "pause_reason")),
        "answers": list(Answer.objects.filter(worker=worker).order_by("pk").values(*names)),
        "rejections": list(
            Rejection.objects.filter(assignment__worker=worker)
            .order_by("pk")
            .values("assignment_id", "state", "evidence", "reason", "rejected_at", "resolution", "resolved_at")
        ),
        "tasks": list(
            Assignment.objects.filter(worker=worker)
            .order_by("pk")
            .values("id", "project_id", "state", "reward_micros", "taken_at", "decided_at", "return_reason")
        ),
        "left_with_pay": list(
            Leaving.objects.filter(worker=worker)
            .order_by("pk")
            .values("assignment_id", "left_at", "seconds", "reward_micros")
        ),
        "files_brought": list(
            Contribution.objects.filter(assignment__worker=worker)
            .order_by("pk")
            .values(
                "assignment_id", "unit", "question", "sha256", "created_at", "answered_at", name=F("media__filename")
            )
        ),
        "drafts": list(Draft.objects.filter(assignment__worker=worker).values("assignment_id", "value", "saved_at")),
    }
