"""What the stories of tiers are told with: what a tier asks and pays, who answers what, and what has gone up."""

from typing import Any

from crowd.assignments.models import Assignment
from crowd.assignments.services import take
from crowd.assignments.services.submit import Submitted, submit
from crowd.projects.models import Project, Task, Tier
from qualifications.models import Qualification
from qualifications.requirements import Condition
from qualifications.states import Comparator
from tests import make
from tests.make_project import CENT
from workers.models import Worker

HARD = 10 * CENT  # a specialist's reward
PRICE = 12 * CENT  # with the fee of 20 %
CALL = {"cannot_answer": {"reason": "needs_expert"}}


def make_doctor(doctors: Qualification) -> Worker:
    worker = make.make_worker()
    make.make_grant(doctors, worker)
    return worker


def terms(doctors: Qualification, **changes: Any) -> dict[str, Any]:
    plain = {"name": "Doctors", "reward_micros": HARD, "redundancy": 1, "budget_micros": PRICE}
    causes = {"below_posterior": "0.8", "above_disagreement": None, "expert_calls": 1}
    return plain | causes | {"conditions": [Condition(doctors, Comparator.EXISTS)]} | changes


def say(worker: Worker, held: Assignment, value: Any = None) -> Submitted:
    return submit(worker=worker, assignment_id=held.pk, value=value or {"mood": "good"}, take_next=False)


def next_of(worker: Worker, project: Project) -> Assignment:
    return take.take_next(worker=worker, project_id=project.pk)


def tear(project: Project, torn: int) -> list[Worker]:
    """Two workers answer everything, and disagree on the first `torn` tasks."""
    first = list(Task.objects.filter(project=project).order_by("pk").values_list("pk", flat=True)[:torn])
    workers = [make.make_worker(), make.make_worker()]
    for worker in workers:
        for _ in range(Task.objects.filter(project=project).count()):
            held = next_of(worker, project)
            contrary = worker == workers[0] and held.task_id in first
            say(worker, held, {"mood": "bad" if (held.task_id % 2 == 0) != contrary else "good"})
    return workers


def up(project: Project) -> list[Task]:
    return list(Task.objects.filter(project=project, tier=1).order_by("pk"))


def reserve(project: Project) -> int:
    return Tier.objects.get(project=project).reserve_micros
