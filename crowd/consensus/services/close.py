"""Closing a project for good: once everything is decided, the rest of its escrow goes back to its owner."""

from django.db import transaction
from django.db.models import Q

from crowd.assignments.models import Assignment, Participation, Rejection
from crowd.assignments.services import top_ups
from crowd.assignments.states import AssignmentState, RejectionState
from crowd.consensus.errors import Busy
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.settle import settle
from crowd.kernel import clock, job_runs, locks
from crowd.ledger.queries import balance
from crowd.projects.models import Project, Tier
from crowd.projects.services import reserves
from crowd.projects.states import PROJECT, ProjectState
from crowd.users.services import audit

RESERVES = (
    "gold_reserve_micros",
    "repeat_reserve_micros",
    "extra_reserve_micros",
    "corrections_reserve_micros",
    "review_reserve_micros",
    "floor_missing_micros",
    "surplus_micros",
)
UNDECIDED = (AssignmentState.ACTIVE, AssignmentState.SUBMITTED)


def close_project(project_id: int) -> bool:
    """Close a project that is closing, if no assignment is active or undecided, and no reviewer has a task in hand;
    whether it is closed now.

    The gate is taken alone: whoever was just taking or submitting has finished, and whoever comes after sees the
    project as it is then. While another aggregation is under way it waits: that one may not have seen the last answer.
    What workers are owed towards the pay floor is paid first; a project that lacks it waits.
    Rewards of rejected answers, and their top-ups, stay in escrow until their appeal windows end.
    """
    settle(project_id)
    if not _is_ready(project_id) or _waits_for_money(project_id):
        return False
    try:
        aggregate(project_id)  # cold, from all answers: what the project ends with
    except Busy:
        job_runs.met_another()
        return False
    settle(project_id)
    top_ups.prepare_closing(project_id)
    with transaction.atomic(durable=True):
        locks.exclusive(locks.Gate.PROJECT, project_id)
        project = reserves.lock(project_id)
        if not _is_ready(project_id):
            return False
        PROJECT.check(project.state, ProjectState.CLOSED)
        now = clock.now()
        held, kept = _held_micros(project_id), top_ups.held_micros(project)
        if not top_ups.pay_last(project, rest_micros=_rest_micros(project), now=now):
            return False
        if returned := _rest_micros(project):
            reserves.return_to_owner(project, returned, key=f"project:{project.id}:close", now=now)
        project.state, project.closed_at = ProjectState.CLOSED, now
        for name in RESERVES:
            setattr(project, name, 0)
        Tier.objects.filter(project=project).update(reserve_micros=0)
        project.floor_reserve_micros = kept
        project.save(update_fields=["state", "closed_at", "floor_reserve_micros", *RESERVES])
        Participation.objects.filter(project_id=project_id).update(
            gold_spent_micros=0, repeat_spent_micros=0, quiz_owed_micros=0, recount_due=False
        )
        audit.record(
            actor=None,
            action="project.closed",
            subject=project,
            organisation=project.organisation,
            after={"returned_micros": returned, "held_micros": held},
            now=now,
        )
        return True


def _is_ready(project_id: int) -> bool:
    in_hand = Q(reviews_until__gt=clock.now())
    if not Project.objects.filter(~in_hand, id=project_id, state=ProjectState.CLOSING).exists():
        return False
    return not Assignment.objects.filter(project_id=project_id, state__in=UNDECIDED).exists()


def _held_micros(project_id: int) -> int:
    held = Rejection.objects.filter(project_id=project_id, state=RejectionState.HELD).select_related("assignment")
    return sum(one.assignment.reward_micros + one.assignment.fee_micros for one in held)


def _rest_micros(project: Project) -> int:
    """What the escrow holds beside the held rewards and their top-ups. An unpaid project has no account to ask."""
    if project.price_micros == 0 and not Tier.objects.filter(project=project, reward_micros__gt=0).exists():
        return 0
    return balance(reserves.escrow(project)) - _held_micros(project.pk) - top_ups.held_micros(project)


def _waits_for_money(project_id: int) -> bool:
    """What was owed at the last attempt is still not there: nothing is merged again for that."""
    project = Project.objects.get(id=project_id)
    return project.floor_missing_micros > 0 and top_ups.is_short(project, rest_micros=_rest_micros(project))
