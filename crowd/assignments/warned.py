"""Content that was warned of: what leaving it pays, and how much of it one person looks at in a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from crowd.assignments import offers
from crowd.assignments.models import Assignment, Leaving
from crowd.kernel import sql
from crowd.projects import pricing
from crowd.projects.models import Project
from workers.models import Worker

A_DAY = timedelta(days=1)
MOST_PAID = 10  # leavings of one person in a day; more are not paid, so that leaving is no trade
NEWEST = 5000  # assignments of a person that a day is looked for in

# Of every attempt: what he answered and what he left. When a task was returned is not kept, nor how long one that ran
# out was looked at.
SEEN = """
SELECT (
    SELECT coalesce(sum(coalesce(s.active_ms, s.elapsed_ms)), 0) / 1000
    FROM (SELECT id, project_id FROM assignments_assignment WHERE worker_id = %(worker)s
          ORDER BY id DESC LIMIT %(newest)s) a
    JOIN projects_project p ON p.id = a.project_id AND cardinality(p.content_warnings) > 0
    JOIN assignments_answer s ON s.project_id = a.project_id AND s.assignment_id = a.id AND s.submitted_at > %(since)s
) + (
    SELECT coalesce(sum(seconds), 0) FROM assignments_leaving WHERE worker_id = %(worker)s AND left_at > %(since)s)
"""


def pay_for(assignment: Assignment, project: Project, seconds: int) -> tuple[int, int]:
    """Reward and fee in micros for so many seconds: their share of what the task usually takes, at most all of it."""
    usual = usual_seconds(project)
    share = min(seconds, usual)
    reward = min(max(_part(assignment.reward_micros, share, usual), _floor(project, seconds)), assignment.reward_micros)
    return reward, _part(assignment.fee_micros, reward, assignment.reward_micros) if reward else 0


@dataclass(frozen=True)
class Terms:
    """What leaving pays: a minute of it, and how many more leavings are paid today. minutes_left: of the day's."""

    minute_micros: int
    paid_left: int
    minutes_left: int


def terms(assignment: Assignment, worker: Worker, now: datetime) -> Terms:
    """What is said before; the rate of the moment."""
    minute = pay_for(assignment, assignment.project, 60)[0]
    return Terms(minute, paid_leavings_left(worker, now), seconds_left(worker.pk, now) // 60)


def usual_seconds(project: Project) -> int:
    """As measured; before that as its requester expects, or the time that there is."""
    return max(1, round(offers.pace(project).seconds or project.expected_s or project.time_limit_s))


def paid_leavings_left(worker: Worker, now: datetime) -> int:
    """So many more of his leavings are paid today."""
    paid = Leaving.objects.filter(worker=worker, left_at__gt=now - A_DAY, reward_micros__gt=0)
    return max(0, MOST_PAID - paid.count())


def seconds_left(worker_id: int, now: datetime) -> int:
    """So much longer he may look at such content, of the minutes in 24 hours that the site allows."""
    ((seen,),) = sql.rows(SEEN, {"worker": worker_id, "since": now - A_DAY, "newest": NEWEST})
    return max(0, int(settings.CROWD_WARNED_MINUTES * 60 - seen))


def _part(micros: int, share: int, of: int) -> int:
    """Rounded up: nobody's second is worth nothing."""
    return -(-micros * share // of)


def _floor(project: Project, seconds: int) -> int:
    return pricing.owed_for(seconds, project.pay_floor_micros or 0)
