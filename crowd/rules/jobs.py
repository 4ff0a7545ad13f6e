"""Background work of the rules: a sweep that finds its work in the database."""

from celery import shared_task

from crowd.kernel import hints
from crowd.kernel.one_by_one import parts
from crowd.rules.services import act, contest, evaluate


@shared_task(name="rules.evaluate_project")
def evaluate_project(project_id: int) -> None:
    evaluate.evaluate(project_id)


@shared_task(name="rules.carry_out")
def carry_out(firing_id: int) -> None:
    act.carry_out(firing_id)


@shared_task(name="rules.sweep")
def sweep() -> None:
    """Each project with rules in a job of its own; what was left half done; what ends or falls due by itself."""
    for project_id in evaluate.due():
        hints.send("rules.evaluate_project", project_id)
    for firing_id in act.due():
        hints.send("rules.carry_out", firing_id)
    parts(contest.end_due, contest.answer_overdue)
