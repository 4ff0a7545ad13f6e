"""Background work of assignments: sweeps that find their work in the database."""

from celery import shared_task

from crowd.assignments.services import contributions, give_back, recount, reject, skills, standing, top_ups
from crowd.kernel import hints


@shared_task(name="assignments.expire")
def expire() -> None:
    give_back.expire_due()


@shared_task(name="assignments.recount")
def recount_participation(participation_id: int) -> None:
    recount.recount(participation_id)


@shared_task(name="assignments.recount_sweep")
def recount_sweep() -> None:
    for participation_id in recount.due():
        hints.send("assignments.recount", participation_id)


@shared_task(name="assignments.release")
def release() -> None:
    reject.release_due()


@shared_task(name="assignments.top_up")
def top_up(project_id: int) -> None:
    top_ups.top_up(project_id)


@shared_task(name="assignments.top_up_sweep")
def top_up_sweep() -> None:
    for project_id in top_ups.due_for_looking():
        hints.send("assignments.top_up", project_id)


@shared_task(name="assignments.fold_standing")
def fold_standing() -> None:
    standing.fold()


@shared_task(name="assignments.fold_skills")
def fold_skills() -> None:
    skills.fold()


@shared_task(name="assignments.sweep_contributions")
def sweep_contributions() -> None:
    contributions.sweep()
