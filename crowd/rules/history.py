"""Reading what workers did in a project as the events of crowd.rules.collectors. Reads only.

One statement for the assignments of many workers, and one more for each thing that a rule in question looks at:
agreement with the merged answers, how common an answer is, texts that were there before.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection

from crowd.assignments import repeats
from crowd.assignments.configs import parsed
from crowd.assignments.states import AssignmentState, ReturnReason
from crowd.labeling.kinds import Choice, MultiChoice, Question, Text
from crowd.projects.models import Project
from crowd.rules.collectors import Event
from crowd.rules.terms import Terms
from crowd.rules.vocabulary import LOOK_BACK, Collector

# Returned for these reasons, a task says something about itself or its guidelines, and nothing about the worker.
EXCUSED = (ReturnReason.UNCLEAR, ReturnReason.BROKEN, ReturnReason.UNPLEASANT)
DONE = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED, AssignmentState.REJECTED)

EVENTS = """
SELECT s.worker_id, s.id, s.state, coalesce(s.submitted_at, s.taken_at) AS at, s.is_gold, s.gold_passed,
       s.return_reason, s.reward_micros, a.elapsed_ms, CASE WHEN %(values)s THEN a.value -> 'units' END
FROM unnest(%(workers)s::bigint[]) AS w(id)
CROSS JOIN LATERAL (
    SELECT * FROM assignments_assignment s
    WHERE s.worker_id = w.id AND s.project_id = %(project)s AND s.state = ANY(%(ended)s)
      AND (s.state <> 'returned' OR s.opened_at IS NOT NULL)  -- what nobody opened was not returned by anybody
    ORDER BY s.id DESC LIMIT %(most)s
) s
LEFT JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
ORDER BY s.worker_id, at, s.id
"""

# Ties are nobody's error, nor are merged answers without a posterior (free text may be right in many ways).
AGREES = """
SELECT s.id, bool_and(c.value = (a.value -> 'units' -> c.unit::int -> c.question))
FROM assignments_assignment s
JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
JOIN consensus_consensus c ON c.project_id = s.project_id AND c.task_id = s.task_id
JOIN projects_task t ON t.id = s.task_id AND (t.ruled_at IS NULL OR s.taken_at > t.ruled_at)
WHERE s.project_id = %(project)s AND s.worker_id = ANY(%(workers)s) AND s.state = ANY(%(done)s) AND NOT s.is_gold
  AND NOT s.is_repeat AND a.cannot_answer = '' AND c.question = ANY(%(questions)s) AND c.posterior IS NOT NULL
  AND NOT c.tied AND c.answers >= %(least)s AND (a.value -> 'units' -> c.unit::int) ? c.question
GROUP BY s.id
"""

COMMON = """
SELECT a.value -> 'units', count(*) FROM assignments_answer a
WHERE a.project_id = %(project)s AND a.cannot_answer = '' GROUP BY 1
"""

# Of each text: whether the same one, up to case and blanks, was there before, his own or another worker's.
TEXTS = """
WITH texts AS (
    SELECT s.id, s.worker_id, s.submitted_at, s.task_id,
           md5(lower(regexp_replace(trim(said.text), '\\s+', ' ', 'g'))) AS digest
    FROM assignments_assignment s
    JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
    CROSS JOIN LATERAL jsonb_array_elements(a.value -> 'units') AS unit(value)
    CROSS JOIN LATERAL jsonb_each_text(unit.value) AS said(question, text)
    WHERE s.project_id = %(project)s AND s.state = ANY(%(done)s) AND a.cannot_answer = ''
      AND said.question = ANY(%(questions)s) AND length(trim(said.text)) >= %(least)s
), seen AS (
    SELECT id, worker_id,
           first_value(task_id) OVER (PARTITION BY worker_id, digest ORDER BY submitted_at, id) <> task_id AS own,
           first_value(worker_id) OVER (PARTITION BY digest ORDER BY submitted_at, id) <> worker_id AS others
    FROM texts
)
SELECT id, bool_or(own), bool_or(others) FROM seen WHERE worker_id = ANY(%(workers)s) GROUP BY id
"""


@dataclass(frozen=True)
class History:
    """The events of some workers of a project, each worker's in the order of time."""

    project: Project
    events: Mapping[int, Sequence[Event]]
    _facts: dict[tuple[str, int], Mapping[int, Any]] = field(default_factory=dict)

    def of(self, terms: Terms, worker_id: int, *, since: datetime | None = None) -> list[Event]:
        """What this rule looks at: his events after `since`, with the facts that its collector needs."""
        events = [one for one in self.events.get(worker_id, ()) if since is None or one.at > since]
        extra = EXTRA.get(terms.collector)
        if extra is None:
            return events
        facts = self._known(terms)
        return [replace(one, **facts[one.assignment_id]) if one.assignment_id in facts else one for one in events]

    def _known(self, terms: Terms) -> Mapping[int, Any]:
        setting = terms.settings.get("least_answers") or terms.settings.get("least_chars") or 0
        key = (terms.collector, setting)
        if key not in self._facts:
            self._facts[key] = EXTRA[terms.collector](self.project, list(self.events), setting)
        return self._facts[key]


def read(project: Project, workers: Collection[int], *, rules: Collection[Terms]) -> History:
    """The last LOOK_BACK ended assignments of each of these workers."""
    values = any(terms.collector == Collector.SAME for terms in rules)
    closed = [one.id for one in _questions(project) if isinstance(one, Choice | MultiChoice)]
    common = _common(project, closed) if values else {}
    rows = _rows(
        EVENTS,
        project=project.pk,
        workers=list(workers),
        values=values,
        ended=[str(state) for state in (*DONE, AssignmentState.RETURNED)],
        most=LOOK_BACK,
    )
    events: dict[int, list[Event]] = defaultdict(list)
    for worker_id, *row in rows:
        events[worker_id].append(_event(row, closed, common))
    return History(project, events)


def factual(project: Project) -> list[str]:
    """The questions that have one right answer: what is a matter of opinion is no evidence against anybody."""
    return [one.id for one in _questions(project) if not one.is_opinion]


def _event(row: Sequence[Any], closed: Sequence[str], common: Mapping[str, float]) -> Event:
    id, state, at, is_gold, passed, why, reward, elapsed_ms, units = row
    answered = state != AssignmentState.RETURNED
    said = _said(units, closed)
    return Event(
        assignment_id=id,
        at=at,
        answered=answered,
        seconds=None if elapsed_ms is None or not answered else elapsed_ms / 1000,
        gold_passed=passed if is_gold else None,
        accepted={AssignmentState.ACCEPTED: True, AssignmentState.REJECTED: False}.get(state),
        reward_micros=reward,
        said=said,
        share=common.get(said, 1.0),
        excused=why in EXCUSED,
    )


def _said(units: Any, closed: Sequence[str]) -> str:
    """The closed part of an answer as one text; empty where there is none."""
    units = json.loads(units) if isinstance(units, str) else units
    part = [{name: unit[name] for name in closed if name in unit} for unit in units or ()]
    return json.dumps(part, sort_keys=True) if any(part) else ""


def _common(project: Project, closed: Sequence[str]) -> Mapping[str, float]:
    """The share of the project's answers that say each thing."""
    counts: Counter[str] = Counter()
    for units, number in _rows(COMMON, project=project.pk):
        counts[_said(units, closed)] += number
    del counts[""]
    total = counts.total()
    return {said: number / total for said, number in counts.items()}


def _agreement(project: Project, workers: Sequence[int], least: int) -> Mapping[int, Any]:
    rows = _rows(
        AGREES,
        project=project.pk,
        workers=list(workers),
        done=[str(state) for state in DONE],
        questions=factual(project),
        least=least,
    )
    return {id: {"agrees": agrees} for id, agrees in rows}


def _texts(project: Project, workers: Sequence[int], least: int) -> Mapping[int, Any]:
    rows = _rows(
        TEXTS,
        project=project.pk,
        workers=list(workers),
        done=[str(state) for state in DONE],
        questions=[one.id for one in _questions(project) if isinstance(one, Text)],
        least=least,
    )
    return {id: {"own_text": own, "others_text": others} for id, own, others in rows}


def _steadiness(project: Project, workers: Sequence[int], least: int) -> Mapping[int, Any]:
    found = repeats.compared(project, workers)
    return {id: {"steady": same} for each in found.values() for id, same in each.items()}


EXTRA: Mapping[str, Any] = {
    Collector.CONSENSUS: _agreement,
    Collector.COPIED: _texts,
    Collector.REPEATS: _steadiness,
}


def _questions(project: Project) -> Sequence[Question]:
    return parsed(project.config_id).questions if project.config_id else ()


def _rows(sql: str, **parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
