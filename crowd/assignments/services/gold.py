"""Scoring an answer to a gold task, and what its worker reads when he missed it."""

from dataclasses import dataclass
from random import Random
from typing import Any

from crowd.assignments import configs, policy
from crowd.assignments.models import Assignment
from crowd.assignments.services import take
from crowd.assignments.services.gate import Entry
from crowd.labeling.answers import AnswerValue
from crowd.labeling.gold_keys import GoldKey, parse_gold
from crowd.quality.gold import is_right
from qualifications import scoring


@dataclass(frozen=True, kw_only=True)
class Missed:
    """What would have been right on a missed gold task, and why, for the worker to read."""

    right: dict[str, Any]  # as an answer is written
    reason: str


def score(assignment: Assignment, entry: Entry, given: AnswerValue, random: Random) -> None:
    """Score an answer that was just given, tally it, and draw the next place of gold. Nothing is saved here.

    What is reserved ahead is gold or not already (`take.take_ahead`): the draw begins after it.
    """
    participation = entry.inside
    judge(assignment, given)
    participation.gold_right += int(bool(assignment.gold_passed))
    participation.gold_wrong += int(not assignment.gold_passed)
    participation.next_gold_at = policy.next_place(
        submitted=max(participation.submitted_count + int(entry.ahead_id is not None), assignment.project.quiz_length),
        share=take.share_of(participation, assignment.project),
        random=random,
    )


def judge(assignment: Assignment, given: AnswerValue) -> None:
    """The score of an answer by the key as it is now, and whether it passes. Nothing is saved here."""
    current = _current(assignment)
    config = configs.parsed(current)
    given = configs.answer_as(given, old_id=assignment.config_id, new_id=current)
    assignment.gold_score = scoring.score(config, key=key_of(assignment), given=given)
    assignment.gold_passed = is_right(assignment.gold_score, config.pass_mark)


def key_of(assignment: Assignment) -> GoldKey:
    """The gold key of the assignment's task, in the words of the label config that is in force."""
    return parse_gold(configs.parsed(_current(assignment)), assignment.task.gold, units=assignment.task.units)


def _current(assignment: Assignment) -> int:
    """Keys follow every change of the config; what the worker was shown may be older."""
    return assignment.project.config_id or assignment.config_id


def missed(assignment: Assignment) -> Missed | None:
    """What there is to read about a gold task that was missed, if the project explains misses."""
    if assignment.gold_passed is not False or not assignment.project.explain_misses:
        return None
    return Missed(right=key_of(assignment).best.to_json(), reason=assignment.task.gold_reason)
