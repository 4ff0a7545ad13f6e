"""The statements of a report on bias, one text for each kind of question: the same but for how an answer is read."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """How a kind of answer is read as a label. `said` is a subquery over `meant`: the label that {value} says under
    the version {config}; `key` is the label that a gold key's {value} says. `off`: how far a number is off {other}."""

    said: str
    key: str
    alike: str  # {label} and {other}
    among: str  # {label} is right by key.labels
    off: str = "NULL::int"
    off_key: str = "NULL::int"


_ONE = "SELECT m.label FROM meant m WHERE m.config_id = {config} AND m.said = {value} #>> '{{}}'"
# Of an answer given where the label was offered.
_PRESENCE = """SELECT CASE WHEN {value} ?| array_agg(m.said) THEN 'yes' ELSE 'no' END AS label FROM meant m
        WHERE m.config_id = {config} HAVING count(*) > 0 AND {value} IS NOT NULL"""
READINGS: Mapping[str, Reading] = {
    "choice": Reading(_ONE, "{value} #>> '{{}}'", "{label} = {other}", "{label} = ANY (key.labels)"),
    "multi-choice": Reading(
        _PRESENCE,
        "CASE WHEN {value} ? %(label)s THEN 'yes' ELSE 'no' END",
        "{label} = {other}",
        "{label} = ANY (key.labels)",
    ),
    "rating": Reading(
        _ONE,
        "{value} #>> '{{}}'",
        "abs({label}::int - {other}::int) <= %(tolerance)s",
        "CASE WHEN key.labels IS NOT NULL THEN "
        "EXISTS (SELECT 1 FROM unnest(key.labels) k WHERE abs({label}::int - k::int) <= %(tolerance)s) END",
        "{label}::int - {other}::int",
        "(SELECT {label}::int - k::int FROM unnest(key.labels) k ORDER BY abs({label}::int - k::int), k LIMIT 1)",
    ),
}

# What a label of an earlier version of the config means in the one in force.
MEANT = """
SELECT * FROM unnest(%(configs)s::bigint[], %(said)s::text[], %(labels)s::text[]) AS meant (config_id, said, label)
"""
TOP = """
SELECT left(data ->> %(column)s, 100) AS name FROM projects_item
WHERE project_id = %(project)s AND data ->> %(column)s <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %(most)s
"""
# One pass over the answers that a model learns from (crowd.consensus.answers), but for rejected ones. `others` are the
# further answers to the same unit, `differ` the share of them that say something else. An answer to a gold task is
# right or wrong by what its key says of this question and unit; where it counts neither way (`gold_passed` is null), it
# does not here.
ANSWERS = """
WITH top AS MATERIALIZED ({top}), meant AS MATERIALIZED ({meant}), key AS MATERIALIZED (
    SELECT t.id AS task_id, unit.place, coalesce(array_agg({key_label})
           FILTER (WHERE coalesce((solution ->> 'weight')::float, 1) >= %(pass_mark)s), '{{}}') AS labels
    FROM projects_task t
    CROSS JOIN LATERAL jsonb_array_elements(coalesce(t.gold -> 'any_of', jsonb_build_array(t.gold))) solution
    CROSS JOIN LATERAL jsonb_array_elements(solution -> 'units') WITH ORDINALITY AS unit (value, place)
    WHERE t.project_id = %(project)s AND t.is_gold AND unit.value ? %(question)s GROUP BY 1, 2
), answer AS (
    SELECT s.task_id, (unit.place - 1)::int AS unit, s.worker_id, meant.label, a.submitted_at, s.is_gold,
           s.is_gold AND t.state <> 'retired' AS on_key,
           CASE WHEN %(scored)s AND s.gold_passed IS NOT NULL THEN {passed} END AS passed,
           CASE WHEN %(scored)s AND s.gold_passed IS NOT NULL THEN {off_key} END AS off_key,
           coalesce((t.source -> 'items' ->> (unit.place - 1)::int)::bigint, t.item_id) AS item_id
    FROM assignments_assignment s
    JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
    JOIN projects_task t ON t.id = s.task_id
    CROSS JOIN LATERAL jsonb_array_elements(a.value -> 'units') WITH ORDINALITY AS unit (value, place)
    JOIN LATERAL ({answer_label}) meant ON true
    LEFT JOIN key ON key.task_id = s.task_id AND key.place = unit.place
    LEFT JOIN consensus_decision d ON d.project_id = s.project_id AND d.task_id = s.task_id
        AND d.unit = unit.place - 1 AND d.question = %(question)s
    WHERE s.project_id = %(project)s AND s.state = ANY (%(seen)s) AND NOT s.corrected AND a.cannot_answer = ''
      AND NOT s.is_repeat AND (s.counts OR t.ruled_at IS NULL OR s.taken_at > t.ruled_at)
      AND coalesce(s.taken_at > d.decided_at, true)
), beside AS (
    SELECT answer.*, count(*) OVER (PARTITION BY task_id, unit) - 1 AS others,
           count(*) OVER (PARTITION BY task_id, unit, label) - 1 AS alike
    FROM answer
), seen AS (
    SELECT b.worker_id, top.name AS item_group, b.on_key, b.label, b.passed, merged.label IS NOT NULL AS compared,
           {agrees} AS agrees, {off} AS off, b.off_key,
           (b.others - b.alike)::float / nullif(b.others, 0) AS differ,
           date_trunc(%(each)s, b.submitted_at AT TIME ZONE 'UTC') AS period
    FROM beside b
    JOIN projects_item i ON i.id = b.item_id
    LEFT JOIN top ON top.name = left(i.data ->> %(column)s, 100)
    LEFT JOIN consensus_consensus c ON c.project_id = %(project)s AND c.task_id = b.task_id AND c.unit = b.unit
        AND c.question = %(question)s AND NOT b.is_gold AND b.others > 0
    LEFT JOIN LATERAL ({merged_label}) merged ON true
)
SELECT grouping(worker_id, item_group, period, label, on_key), worker_id, item_group, period, label, on_key,
       count(*), count(*) FILTER (WHERE compared), count(*) FILTER (WHERE compared AND agrees),
       coalesce(sum(differ) FILTER (WHERE compared), 0), count(passed), count(*) FILTER (WHERE passed),
       count(off) FILTER (WHERE compared), coalesce(sum(off) FILTER (WHERE compared), 0),
       coalesce(sum(off * off) FILTER (WHERE compared), 0),
       count(off_key), coalesce(sum(off_key), 0), coalesce(sum(off_key * off_key), 0)
FROM seen GROUP BY GROUPING SETS ((), (worker_id), (item_group), (period), (period, label), (on_key, label))
"""
BY_WORKER, BY_ITEM, BY_PERIOD, BY_PERIOD_AND_LABEL, BY_GOLD_AND_LABEL, ALL = 15, 23, 27, 25, 28, 31

MERGED = """
WITH top AS MATERIALIZED ({top}), meant AS MATERIALIZED ({meant})
SELECT top.name, meant.label, count(*)
FROM consensus_consensus c
JOIN LATERAL ({merged_label}) meant ON true
JOIN projects_task t ON t.id = c.task_id AND NOT t.is_gold
JOIN projects_item i ON i.id = coalesce((t.source -> 'items' ->> c.unit::int)::bigint, t.item_id)
LEFT JOIN top ON top.name = left(i.data ->> %(column)s, 100)
WHERE c.project_id = %(project)s AND c.question = %(question)s GROUP BY 1, 2
"""
KEYS = """
SELECT {key_label}, count(*)
FROM projects_task t
CROSS JOIN LATERAL jsonb_array_elements(coalesce(t.gold -> 'any_of' -> 0 -> 'units', t.gold -> 'units')) AS unit (value)
WHERE t.project_id = %(project)s AND t.is_gold AND t.state <> 'retired' AND unit.value ? %(question)s GROUP BY 1
"""


def _text(statement: str, kind: str) -> str:
    how, unit = READINGS[kind], "(unit.value -> %(question)s)"
    mine = {"label": "meant.label"}
    return statement.format(
        top=TOP,
        meant=MEANT,
        key_label=how.key.format(value=unit),
        answer_label=how.said.format(config="a.config_id", value=unit),
        merged_label=how.said.format(config="c.config_id", value="c.value"),
        passed=how.among.format(**mine),
        off_key=how.off_key.format(**mine),
        agrees=how.alike.format(label="b.label", other="merged.label"),
        off=how.off.format(label="b.label", other="merged.label"),
    )


ANSWERS_OF, MERGED_OF, KEYS_OF = (
    {kind: _text(statement, kind) for kind in READINGS} for statement in (ANSWERS, MERGED, KEYS)
)
