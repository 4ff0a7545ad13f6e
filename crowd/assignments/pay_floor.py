"""The pay floor: what an hour of work comes to at least, by the active time that it took the typical worker.

Measured on the newest answers of each tier and reward, every worker with his own median and at most as five answers,
so that neither one slow, idle or racing worker nor a crowd of newcomers moves it. Of fewer than twenty answers nothing
is said; when the project ends the time that its requester expected stands in.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crowd.kernel import sql
from crowd.projects import pricing
from crowd.projects.models import Project

FEW = 20
MOST_OF_ONE = 5
NEWEST = 20_000

MEASURE = """
WITH newest AS (
    SELECT assignment_id, attempt, worker_id, least(active_ms, elapsed_ms) AS ms FROM assignments_answer
    WHERE project_id = %(project)s AND active_ms > 0 AND cannot_answer = '' ORDER BY id DESC LIMIT %(newest)s
), typical AS (
    SELECT a.tier, a.reward_micros - a.rework_reward_micros AS reward, least(count(*), %(most)s)::int AS answers,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY newest.ms) AS ms
    FROM newest
    JOIN assignments_assignment a ON a.id = newest.assignment_id AND a.attempt = newest.attempt
    JOIN assignments_participation p ON p.project_id = a.project_id AND p.worker_id = newest.worker_id
    WHERE a.state IN ('submitted', 'accepted') AND NOT a.for_review AND p.state = 'active'
    GROUP BY 1, 2, newest.worker_id
)
SELECT tier, reward, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) / 1000
FROM typical CROSS JOIN generate_series(1, answers) GROUP BY tier, reward
"""
REWARDS = """
SELECT DISTINCT tier, reward_micros - rework_reward_micros FROM assignments_assignment
WHERE project_id = %(project)s AND NOT for_review
"""


@dataclass(frozen=True)
class Measured:
    """Of one tier and reward: `seconds` that the typical worker took for an answer; `each_micros` it must pay then.

    `answers` is the number it rests on, 0 where the requester's expectation stands in.
    """

    tier: int
    reward_micros: int
    answers: int
    seconds: float
    each_micros: int

    @property
    def top_up_micros(self) -> int:
        return max(self.each_micros - self.reward_micros, 0)

    @property
    def hourly_micros(self) -> int | None:
        """What an hour comes to by the reward alone."""
        return pricing.hourly_micros(self.reward_micros, self.seconds)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(project: Project, *, final: bool = False) -> list[Measured]:
    """The lowest tier first; with `final` all that there are, those of too few answers by the expected time."""
    params = {"project": project.pk, "newest": NEWEST, "most": MOST_OF_ONE}
    found = {
        (tier, reward): _measured(project, tier, reward, answers, float(seconds))
        for tier, reward, answers, seconds in sql.rows(MEASURE, params)
        if answers >= FEW
    }
    for one in known(project):  # of a rare tier there are too few among the newest: what was measured holds on
        if one.answers:
            key = (one.tier, one.reward_micros)
            found.setdefault(key, _measured(project, *key, one.answers, one.seconds))
    if final:
        for tier, reward in sql.rows(REWARDS, {"project": project.pk}):
            found.setdefault((tier, reward), _measured(project, tier, reward, 0, float(project.expected_s or 0)))
    return [found[key] for key in sorted(found)]


def known(project: Project) -> list[Measured]:
    """As it was last measured."""
    return [Measured(**row) for row in project.floor_measured.get("rewards", [])]


def kept(measured: Sequence[Measured]) -> dict[str, Any]:
    """What `known` reads."""
    return {"rewards": [one.to_json() for one in measured]}


def _measured(project: Project, tier: int, reward: int, answers: int, seconds: float) -> Measured:
    return Measured(tier, reward, answers, seconds, pricing.owed_for(seconds, project.pay_floor_micros))
