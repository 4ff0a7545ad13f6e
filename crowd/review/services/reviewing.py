"""An expert's look at a task: its answers side by side, each accepted, fixed, rejected or sent back, and his own.

1. `take` gives a reviewer the oldest review that waits, and freezes what it pays: the project's review reserve must
   hold it. What he does not decide in his time goes back to the others; until then the project does not close.
2. `decide` is one transaction: his own answer becomes an answer like any other (for_review: it fills no slot), which
   the aggregation weighs by his accuracy; then each verdict is carried out; then he is paid.
3. Where the plan has two levels, a first reviewer who wants anything but to accept changes nothing yet: a second one
   sees what he wants, and decides.
4. An answer that was sent back is reviewed again when its worker has answered once more.

Locks: the gate (shared), the project's row, participations, tasks, assignments, accounts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import accept
from crowd.assignments.states import AssignmentState
from crowd.consensus.services.wanted import want_merge
from crowd.kernel import clock, locks
from crowd.kernel.errors import BadInput, NotFound
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.projects.states import ProjectState
from crowd.review.errors import NoReview
from crowd.review.models import Reviewer, ReviewPlan, TaskReview
from crowd.review.services import verdicts as verdicts_
from crowd.review.services.verdicts import Verdict
from crowd.review.states import REVIEW, Cause, Deed, ReviewState
from crowd.users.models import Membership
from crowd.users.services import audit
from workers.models import Worker

IN_HAND = timedelta(minutes=30)
MAX_COMMENT = 2_000
JUDGED = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED)


def level_of(worker: Worker, project: Project) -> int:
    """0: he is no reviewer here. Members of the organisation review at both levels."""
    if Membership.objects.filter(organisation=project.organisation_id, user=worker.user_id).exists():
        return 2
    named = Reviewer.objects.filter(project=project, worker=worker, removed_at=None).first()
    return named.level if named else 0


def waiting(worker: Worker, project: Project, *, now: datetime) -> QuerySet[TaskReview]:
    """What he could take here, the oldest first: nothing that he has answered, or has seen at the other level, nor what
    was made gold since."""
    mine = Assignment.objects.filter(project=project, task=OuterRef("task"), worker=worker, for_review=False)
    seen = TaskReview.objects.filter(task=OuterRef("task"), round=OuterRef("round"), reviewer=worker).exclude(
        pk=OuterRef("pk")
    )
    free = Q(state=ReviewState.OPEN) | Q(state=ReviewState.TAKEN, taken_until__lte=now)
    found = TaskReview.objects.filter(free, ~Exists(mine), ~Exists(seen), project=project, task__is_gold=False)
    return found.filter(level__lte=level_of(worker, project)).order_by("pk")


def take(*, worker: Worker, project_id: int) -> TaskReview:
    """The one he has in hand, or the oldest that waits.

    Raises NotFound (he is no reviewer here), NoReview, ReserveShort.
    """
    with transaction.atomic(durable=True):
        project = reserves.lock(project_id)
        if not level_of(worker, project):
            raise NotFound
        now = clock.now()
        held = TaskReview.objects.filter(
            project=project, reviewer=worker, state=ReviewState.TAKEN, taken_until__gt=now
        ).first()
        if held is not None:
            return held
        review = waiting(worker, project, now=now).first() if project.state in reserves.RUNNING else None
        if review is None:
            raise NoReview
        if review.state == ReviewState.TAKEN:
            _give_back(review)
        REVIEW.check(review.state, ReviewState.TAKEN)
        review.reward_micros, review.fee_micros = verdicts_.price_for(worker, project)
        review.state, review.reviewer, review.taken_until = ReviewState.TAKEN, worker, now + IN_HAND
        verdicts_.check_reserve(project, review.reward_micros + review.fee_micros)
        review.save()
        _keep_open(project)
    return review


def decide(*, worker: Worker, review_id: int, verdicts: Sequence[Verdict], value: Any = None) -> TaskReview:
    """His word about every answer that still stands, and his own answer (`value`; None where all that is not accepted
    is sent back). Raises NotFound, BadInput with the places, AnswerRefused, Conflict, WrongState, ReserveShort.
    """
    found = TaskReview.objects.filter(pk=review_id, reviewer=worker).values_list("project_id", flat=True).first()
    if found is None:
        raise NotFound
    with transaction.atomic(durable=True):
        locks.shared(locks.Gate.PROJECT, found)
        project = reserves.lock(found)
        review = TaskReview.objects.get(pk=review_id)
        now = clock.now()
        REVIEW.check(review.state, ReviewState.DONE)
        if review.reviewer_id != worker.pk or project.state == ProjectState.CLOSED:
            raise NotFound
        answers = _locked(project, review, worker, now)
        _check(verdicts, answers, value)
        if value is not None:
            verdicts_.store(worker, review.task, project, value, now)
        review.verdicts = [one.to_json() for one in verdicts]
        review.value, review.decided_at = value, now
        review.carried_out = not _wants_second(review, verdicts)
        if review.carried_out:
            verdicts_.carry_out(review, project, answers, verdicts, worker, now)
        else:
            verdicts_.open_review(review, level=2, cause=Cause.SECOND, now=now)
        verdicts_.pay(review, project, worker, now)
        review.state = ReviewState.DONE
        review.save()
        _keep_open(project)
        audit.record(
            actor=worker.user,
            action="task.review",
            subject=review,
            organisation=project.organisation,
            after={"verdicts": review.verdicts, "carried_out": review.carried_out},
            now=now,
        )
        want_merge(project.pk)
    return review


# --- Inner: all of it under the project's lock ----------------------------------------------------------------------


def _locked(project: Project, review: TaskReview, worker: Worker, now: datetime) -> dict[int, Assignment]:
    """The answers that stand, locked, by id; their workers' participations before them, in one order."""
    rows = Assignment.objects.filter(
        project=project, task=review.task_id, state__in=JUDGED, for_review=False, is_repeat=False
    )
    pairs = list(rows.values_list("pk", "worker_id"))
    Participation.objects.bulk_create(
        [Participation(project=project, worker=worker, joined_at=now, cursor=0)], ignore_conflicts=True
    )
    people = {worker_id for _id, worker_id in pairs} | {worker.pk}
    list(
        Participation.objects.select_for_update(no_key=True)
        .filter(project=project, worker__in=people)
        .order_by("pk")
        .values_list("pk")
    )
    review.task = Task.objects.select_for_update(no_key=True).get(pk=review.task_id)
    found = accept.lock_all(project, [id for id, _worker in pairs])
    return {one.pk: one for one in found if one.state in JUDGED and not one.corrected}


def _check(verdicts: Sequence[Verdict], answers: Mapping[int, Assignment], value: Any) -> None:
    faults = {}
    for one in verdicts:
        place = f"verdicts.{one.assignment_id}"
        if one.assignment_id not in answers:
            faults[place] = _("This answer does not stand here any more.")
        elif one.deed not in Deed.values:
            faults[place] = _("Accept, fix, reject or send back.")
        elif one.deed in (Deed.REJECT, Deed.REWORK) and not one.comment.strip():
            faults[place] = _("Say why; the worker reads it.")
        elif len(one.comment) > MAX_COMMENT or "\x00" in one.comment:
            faults[place] = _("At most %(most)s characters.") % {"most": MAX_COMMENT}
    said = [one.assignment_id for one in verdicts]
    missing = sorted(set(answers) - set(said))
    if missing or len(said) != len(set(said)):
        faults["verdicts"] = _("Say one thing about each answer.")
    if value is None and not any(one.deed == Deed.REWORK for one in verdicts):
        faults["value"] = _("Give your own answer too: it counts like the others', by your accuracy.")
    if faults:
        raise BadInput(errors=faults)


def _wants_second(review: TaskReview, verdicts: Sequence[Verdict]) -> bool:
    plan = ReviewPlan.objects.filter(project=review.project_id).first()
    change = any(one.deed != Deed.ACCEPT for one in verdicts)
    return bool(plan and plan.two_levels and review.level == 1 and change)


def _keep_open(project: Project) -> None:
    """What somebody has in hand he may finish, and is paid for: the project does not close before (crowd.consensus)."""
    held = TaskReview.objects.filter(project=project, state=ReviewState.TAKEN)
    project.reviews_until = held.aggregate(last=Max("taken_until"))["last"]
    project.save(update_fields=["reviews_until"])


def _give_back(review: TaskReview) -> None:
    """His time is over: it waits for somebody again, and nothing is promised for it."""
    REVIEW.check(review.state, ReviewState.OPEN)
    review.state, review.reviewer, review.taken_until = ReviewState.OPEN, None, None
    review.reward_micros = review.fee_micros = 0
