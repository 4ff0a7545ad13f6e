"""Storing the consensus of a question: set against what is stored, and only what differs is written.

While a project is worked on, a row stays as it is when its value, its answers and their agreement are the same and its
posterior, gain and sureness moved by MOVED at the most: a cold fit moves nearly all of them a little with every answer.
Once the project closes, every row that differs at all is written, so that what is settled last is exact. A key
without a vote has no row: its answers were rejected, reopened or corrected, or say nothing in the words of now.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.db import connection

from crowd.consensus.models import AggregationRun
from crowd.labeling.kinds import Question
from crowd.projects.models import Project
from crowd.projects.states import ProjectState

MOVED = 1e-3
AT_WORK = (ProjectState.OPEN, ProjectState.PAUSED)
SAID = ("value", "distribution", "intervals", "details")
WRITTEN = (*SAID, "posterior", "gain", "sure", "tied", "answers", "agreement")
STAGE = """
CREATE TEMP TABLE IF NOT EXISTS consensus_staged (
    task_id bigint, unit smallint, value jsonb, distribution jsonb, intervals jsonb, details jsonb,
    posterior float8, gain float8, sure float8, tied boolean, answers smallint, agreement float8) ON COMMIT DROP
"""
COPY = f"COPY consensus_staged (task_id, unit, {', '.join(WRITTEN)}) FROM STDIN"
MOVES = ("posterior", "gain", "sure")
ROUGHLY = " OR ".join(
    f"coalesce(abs(c.{name} - n.{name}) > %(moved)s, (c.{name} IS NULL) <> (n.{name} IS NULL))" for name in MOVES
)
UPDATE = f"""
UPDATE consensus_consensus c SET ({", ".join(WRITTEN)}, config_id, run_id) =
    ROW ({", ".join(f"n.{name}" for name in WRITTEN)}, %(config)s, %(run)s)
FROM consensus_staged n
WHERE c.project_id = %(project)s AND c.question = %(question)s AND c.task_id = n.task_id AND c.unit = n.unit
  AND ((c.value, c.tied, c.answers, c.agreement, c.config_id)
           IS DISTINCT FROM (n.value, n.tied, n.answers, n.agreement, %(config)s)
       OR CASE WHEN %(roughly)s AND c.posterior IS NOT NULL AND n.posterior IS NOT NULL
               THEN {ROUGHLY}
               ELSE ({", ".join(f"c.{name}" for name in WRITTEN)}) IS DISTINCT FROM
                    ({", ".join(f"n.{name}" for name in WRITTEN)}) END)
"""  # noqa: S608
INSERT = f"""
INSERT INTO consensus_consensus (project_id, task_id, unit, question, {", ".join(WRITTEN)}, config_id, run_id)
SELECT %(project)s, n.task_id, n.unit, %(question)s, {", ".join(f"n.{name}" for name in WRITTEN)}, %(config)s, %(run)s
FROM consensus_staged n
WHERE NOT EXISTS (SELECT 1 FROM consensus_consensus c WHERE c.project_id = %(project)s AND c.task_id = n.task_id
                  AND c.unit = n.unit AND c.question = %(question)s)
ORDER BY n.task_id, n.unit
"""  # noqa: S608
# What had a vote last time may have none now. What the requester decided is the merged answer without any; but not
# where the crowd, by its answers to the questions before, does not ask it at all.
UNSAID = """
DELETE FROM consensus_consensus c WHERE c.project_id = %(project)s AND c.question = %(question)s
  AND NOT EXISTS (SELECT 1 FROM consensus_staged n WHERE n.task_id = c.task_id AND n.unit = c.unit)
  AND (%(conditional)s OR NOT EXISTS (
      SELECT 1 FROM consensus_decision d WHERE d.project_id = c.project_id AND d.task_id = c.task_id
         AND d.unit = c.unit AND d.question = c.question))
"""


class Row(NamedTuple):
    """What Consensus holds of one key: an instance of the model takes ten times as long to make."""

    task_id: int
    unit: int
    value: Any
    distribution: Mapping[str, float]
    intervals: Mapping[str, Any]
    details: Mapping[str, Any]
    posterior: float | None
    gain: float | None
    sure: float | None
    tied: bool
    answers: int
    agreement: float | None


def store(project: Project, question: Question, rows: Iterator[Row], run: AggregationRun) -> None:
    """Inner: needs AGGREGATION of the project, and its own transaction. `rows`: of all keys that were asked."""
    wanted: Mapping[str, Any] = {
        "project": project.pk,
        "question": question.id,
        "config": project.config_id,
        "run": run.pk,
        "roughly": project.state in AT_WORK,
        "moved": MOVED,
        "conditional": bool(question.when),
    }
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        cursor.execute("TRUNCATE consensus_staged")
        with cursor.copy(COPY) as copy:
            for row in rows:
                copy.write_row((*row[:2], *map(_json, row[2:6]), *row[6:]))
        cursor.execute("ANALYZE consensus_staged")
        for statement in (UPDATE, INSERT, UNSAID):
            cursor.execute(statement, wanted)


def _json(value: Any) -> str:
    return "{}" if value == {} else json.dumps(value)
