"""The job behind the rules: who has done something, for whom a rule holds now, and what is due then.

1. One look a project at a time (advisory lock); who comes second leaves it to the first.
2. Workers with new answers or tasks are looked at; everybody, when a new aggregation is there or ten minutes have
   passed (what no answer announces: tasks returned, answers decided).
3. Each rule that holds for a worker leaves a firing, once for each piece of evidence, in the same transaction as the
   note of how far was looked. Then the firings are carried out, each on its own (`act`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.states import ParticipationState
from crowd.consensus.models import AggregationRun
from crowd.consensus.states import RunState
from crowd.kernel import clock, locks
from crowd.projects.models import Project
from crowd.projects.services import reserves
from crowd.rules import history
from crowd.rules.finding import Finding, find
from crowd.rules.models import Firing, Look, Rule
from crowd.rules.services import act
from crowd.rules.states import RuleState
from crowd.rules.terms import Terms, parse
from crowd.rules.vocabulary import Action, Collector

WHOLE_EVERY = timedelta(minutes=10)
WORKERS = 100  # whose histories are held at once
NEEDS_HIM_ACTIVE = (Action.PAUSE, Action.TRAIN)


def due() -> list[int]:
    """Ids of projects with a rule that is on: for the sweep."""
    rules = Rule.objects.filter(state=RuleState.ON, project__state__in=reserves.WORKING)
    return list(rules.order_by("project_id").values_list("project_id", flat=True).distinct())


def evaluate(project_id: int) -> int:
    """Look once at this project, and carry out what is due; the number of new firings."""
    with transaction.atomic(durable=True):
        if not locks.try_exclusive(locks.Gate.RULES, project_id):
            return 0
        fired = _look(Project.objects.get(id=project_id), clock.now())
    for firing in fired:
        act.carry_out(firing)
    return len(fired)


def _look(project: Project, now: datetime) -> list[int]:
    rules = [
        (rule, parse(rule.terms)) for rule in Rule.objects.filter(project=project, state=RuleState.ON).order_by("id")
    ]
    if not rules or project.state not in reserves.WORKING:
        return []
    look, _made = Look.objects.get_or_create(project=project)
    reached = _reached(project, now)
    whole = look.run_id != reached.run_id or look.whole_at is None or look.whole_at <= now - WHOLE_EVERY
    fired: list[int] = []
    for inside in _chunks(project, look, whole):
        fired += _ask(project, rules, inside, whole, now)
    reached.id, reached.whole_at = look.id, now if whole else look.whole_at
    reached.save()
    return fired


def _reached(project: Project, now: datetime) -> Look:
    """The newest of everything, read before anything is looked at: what comes meanwhile is for the next time."""
    answer = Answer.objects.filter(project_id=project.id).aggregate(newest=Max("id"))["newest"]
    assignment = Assignment.objects.filter(project_id=project.id).aggregate(newest=Max("id"))["newest"]
    run = AggregationRun.objects.filter(project=project, state=RunState.DONE).aggregate(newest=Max("id"))["newest"]
    return Look(project=project, answer_id=answer or 0, assignment_id=assignment or 0, run_id=run or 0)


def _chunks(project: Project, look: Look, whole: bool) -> Iterator[list[Participation]]:
    inside = Participation.objects.filter(project=project).select_related("worker").order_by("id")
    if not whole:
        answered = Answer.objects.filter(project_id=project.id, id__gt=look.answer_id)
        took = Assignment.objects.filter(project_id=project.id, id__gt=look.assignment_id)
        busy = set(answered.values_list("worker_id", flat=True)) | set(took.values_list("worker_id", flat=True))
        inside = inside.filter(worker_id__in=busy)
    found = list(inside)
    for start in range(0, len(found), WORKERS):
        yield found[start : start + WORKERS]


def _ask(
    project: Project,
    rules: Sequence[tuple[Rule, Terms]],
    inside: Sequence[Participation],
    whole: bool,
    now: datetime,
) -> list[int]:
    past = history.read(project, [one.worker_id for one in inside], rules=[terms for _rule, terms in rules])
    fired: list[int] = []
    for rule, terms in rules:
        if terms.collector == Collector.SHARED and not whole:
            continue  # it moves with the aggregation only
        before = _before(rule, inside)
        since = {one.worker_id: _since(one, before.get(one.worker_id)) for one in inside}
        for finding in find(terms, past, inside, now=now, since=since):
            if finding.holds and _may_fire(terms, finding, before.get(finding.worker_id)):
                fired += _fire(rule, terms, finding, before.get(finding.worker_id), since[finding.worker_id], now)
    return fired


def _before(rule: Rule, inside: Sequence[Participation]) -> Mapping[int, Firing]:
    """Each worker's newest firing of this rule."""
    firings = Firing.objects.filter(rule=rule, worker__in=[one.worker_id for one in inside]).order_by("number")
    return {one.worker_id: one for one in firings}


def _since(one: Participation, before: Firing | None) -> datetime | None:
    """Evidence is used once, and a lifted pause forgives what came before it."""
    return max((at for at in (before.at if before else None, one.lifted_at) if at), default=None)


def _may_fire(terms: Terms, finding: Finding, before: Firing | None) -> bool:
    if terms.collector == Collector.SHARED and before is not None:
        return False  # the pair's old errors never leave its figures
    paused = finding.participation.state == ParticipationState.PAUSED
    return not (paused and terms.action in NEEDS_HIM_ACTIVE)


def _fire(
    rule: Rule, terms: Terms, finding: Finding, before: Firing | None, since: datetime | None, now: datetime
) -> list[int]:
    firing = Firing.objects.create(
        rule=rule,
        project_id=rule.project_id,
        worker_id=finding.worker_id,
        number=before.number + 1 if before else 1,
        terms=terms.to_json(),
        evidence=finding.evidence(since),
        at=now,
    )
    return [firing.id]
