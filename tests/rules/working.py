"""What the stories of the rules have in common: answers as they are wanted, a rule that is on, and what it did."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.kernel import clock
from crowd.projects.models import Project
from crowd.rules.models import Firing, Rule
from crowd.rules.services import evaluate, switch
from crowd.users.models import User
from tests.make_project import in_force
from workers.models import Worker

Answer = Callable[[Assignment], Mapping[str, Any]]


def always(mood: str, *, gold: str | None = None) -> Answer:
    return lambda held: {"mood": gold if gold and held.is_gold else mood}


def work(worker: Worker, project: Project, answer: Answer, *, limit: int, seconds: float = 10) -> int:
    """So many answers, each after so many seconds; the number given."""
    for number in range(limit):
        try:
            held = take.take_next(
                worker=worker, project_id=project.pk, guidelines_read=in_force(project), random=Random(worker.pk)
            )
        except Exception:  # there is no more
            return number
        clock.advance(timedelta(seconds=seconds))
        submit(worker=worker, assignment_id=held.pk, value=answer(held), take_next=False)
    return limit


def on(
    actor: User,
    project: Project,
    collector: str,
    conditions: Sequence[tuple[str, str, object]],
    action: str,
    *,
    although: bool = True,
    settings: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Rule:
    """A rule, written and switched on."""
    terms = {
        "collector": collector,
        "settings": settings or {},
        "conditions": [{"figure": f, "comparator": c, "value": v} for f, c, v in conditions],
        "action": action,
        "parameters": parameters,
    }
    rule = switch.create(actor=actor, project_id=project.pk, terms=terms)
    return switch.switch_on(actor=actor, project_id=project.pk, rule_id=rule.pk, although=although)


def fired(project: Project, worker: Worker) -> list[Firing]:
    evaluate.evaluate(project.pk)
    return list(Firing.objects.filter(project=project, worker=worker).order_by("pk"))


def is_paused(project: Project, worker: Worker) -> bool:
    return Participation.objects.get(project=project, worker=worker).state == "paused"
