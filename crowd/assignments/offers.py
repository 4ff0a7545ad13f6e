"""What a worker is told about projects before he takes a task: how long, how much an hour, and by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from django.core.cache import cache
from django.db import connection

from crowd.assignments.models import Answer
from crowd.assignments.services import pause
from crowd.kernel import sql
from crowd.projects import pricing
from crowd.projects.models import Project

SAMPLE = 200  # the newest answers that a pace is measured on
FEW = 5  # of so few no pace is told
KEEP_S = 60
MOST = 1000  # tasks left are counted up to here
MANY_S = 10  # so long it is believed that there are as many

LEFT = """
SELECT want.p, least(%s, sum((SELECT count(*) FROM (SELECT 1 FROM projects_task t
    WHERE t.project_id = want.p AND t.tier = want.tier AND t.open LIMIT %s) x)))::int
FROM unnest(%s::bigint[], %s::smallint[]) AS want(p, tier) GROUP BY want.p
"""
RECORD = """
SELECT count(*) FILTER (WHERE a.state = 'accepted'), count(*) FILTER (WHERE a.state = 'rejected'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.decided_at - a.submitted_at))
           FILTER (WHERE a.state = 'accepted' AND a.decided_at IS NOT NULL)
FROM assignments_assignment a JOIN projects_project p ON p.id = a.project_id
WHERE p.organisation_id = %(organisation)s AND p.currency <> 'XTS' AND a.decided_at > crowd_now() - interval '90 days'
"""


@dataclass(frozen=True)
class Pace:
    """The median of what the newest answers took, of active time; None: too few to say."""

    seconds: float | None
    answers: int

    def hourly_micros(self, reward_micros: int) -> int | None:
        return pricing.hourly_micros(reward_micros, self.seconds)


@dataclass(frozen=True)
class Record:
    """A requester over the last 90 days: answers decided, the share accepted, and the median time to pay."""

    decided: int
    acceptance: float | None
    pay_seconds: float | None


@dataclass(frozen=True)
class Quiz:
    """The quiz before the first ordinary task: paid as work, passed or not. `seconds` is None where nobody knows yet;
    `right` answers pass, None: it cannot be failed."""

    length: int
    right: int | None
    pay_micros: int
    seconds: float | None


def quiz(project: Project) -> Quiz | None:
    """What somebody new is told before he starts; None where there is no quiz."""
    if not project.quiz_length:
        return None
    each = pace(project).seconds or project.expected_s
    mark = pause.pass_mark(project)
    return Quiz(
        project.quiz_length,
        mark.right if mark else None,
        project.quiz_length * project.reward_micros,
        project.quiz_length * each if each else None,
    )


def pace(project: Project) -> Pace:
    return cache.get_or_set(f"pace:{project.pk}", lambda: _pace(project.pk), KEEP_S) or Pace(None, 0)


def record(organisation_id: int) -> Record:
    found = cache.get_or_set(f"record:{organisation_id}", lambda: _record(organisation_id), KEEP_S)
    return found or Record(0, None, None)


def tasks_left(tiers: Mapping[int, Iterable[int]]) -> dict[int, int]:
    """Open tasks by project, in these tiers of each (0: its own), counted no further than MOST."""
    pairs = [(project, tier) for project, numbers in tiers.items() for tier in {0, *numbers}]
    with connection.cursor() as cursor:
        cursor.execute(LEFT, [MOST, MOST, [project for project, _tier in pairs], [tier for _project, tier in pairs]])
        return dict(cursor.fetchall())


def tasks_left_in(project_id: int, tiers: Iterable[int]) -> int:
    """The same of one project, for every task that is shown: as long as there are many, they are seldom counted."""
    key = f"many-left:{project_id}:{'.'.join(map(str, tiers))}"
    if cache.get(key):
        return MOST
    left = tasks_left({project_id: tiers}).get(project_id, 0)
    if left >= MOST:
        cache.set(key, True, MANY_S)
    return left


def _pace(project_id: int) -> Pace:
    newest = Answer.objects.filter(project_id=project_id).order_by("-id")
    times = [took for took in newest.values_list("active_ms", flat=True)[:SAMPLE] if took]
    return Pace(median(times) / 1000 if len(times) >= FEW else None, len(times))


def _record(organisation_id: int) -> Record:
    ((accepted, rejected, seconds),) = sql.rows(RECORD, {"organisation": organisation_id})
    decided = accepted + rejected
    return Record(decided, accepted / decided if decided else None, float(seconds) if seconds is not None else None)
