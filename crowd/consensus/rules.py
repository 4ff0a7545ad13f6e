"""The pay policies: whom each accepts before the delay ends, and the evidence where it would not. Reads only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crowd.assignments import quiz
from crowd.assignments.configs import parsed, unit_as, value_as
from crowd.assignments.models import Answer, Assignment, Participation, Rejection
from crowd.assignments.states import Evidence
from crowd.consensus.current import noted
from crowd.consensus.models import Consensus
from crowd.labeling.config import LabelConfig
from crowd.projects.models import Project
from crowd.projects.states import PayPolicy
from crowd.quality.accuracy import BetaAccuracy
from qualifications.scoring import agreement


@dataclass(frozen=True)
class Verdict:
    assignment: Assignment
    accept: bool
    evidence: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def judge(project: Project, assignments: Sequence[Assignment]) -> list[Verdict]:
    """A verdict on each of these undecided answers, by the project's pay policy.

    Gold is judged by its key under the consensus policy; the other policies do not look at the answer. What was a
    worker's quiz is accepted by all of them.
    """
    if project.pay_policy == PayPolicy.AT_ONCE:
        return [Verdict(one, accept=True) for one in assignments]
    paid = quiz.answers(project, {one.worker_id for one in assignments if one.is_gold})
    return [Verdict(one, accept=True) for one in assignments if one.id in paid] + _by_policy(
        project, [one for one in assignments if one.id not in paid]
    )


def _by_policy(project: Project, assignments: Sequence[Assignment]) -> list[Verdict]:
    if project.pay_policy == PayPolicy.ACCURACY:
        return _by_accuracy(project, assignments)
    return _by_consensus(project, assignments)


def _by_accuracy(project: Project, assignments: Sequence[Assignment]) -> list[Verdict]:
    """Workers whose accuracy on gold, as its posterior mean, reaches the threshold."""
    threshold = float(project.pay_threshold or 0)
    tallies = Participation.objects.filter(project_id=project.id, worker_id__in={a.worker_id for a in assignments})
    facts = {
        one.worker_id: {
            "right": one.gold_right,
            "wrong": one.gold_wrong,
            "accuracy": round(BetaAccuracy(one.gold_right, one.gold_wrong).mean, 4),
            "threshold": threshold,
        }
        for one in tallies
    }
    return [
        Verdict(one, facts[one.worker_id]["accuracy"] >= threshold, Evidence.GOLD, facts[one.worker_id])
        for one in assignments
    ]


def _by_consensus(project: Project, assignments: Sequence[Assignment]) -> list[Verdict]:
    """Answers that agree with a consensus at or above the threshold; below it, or without a posterior, everybody.

    A task of which something is `noted` gets no verdict now. A task with a rejection gets no further ones: its
    consensus was moved by it, and rejections are judged on the consensus before any of them.
    """
    answers, tasks = _answers(project, assignments), {one.task_id for one in assignments}
    consensus, settled = _consensus(project, tasks), _with_rejection(project, tasks)
    assert project.config_id is not None  # there are answers
    config, threshold = parsed(project.config_id), float(project.pay_threshold or 0)
    verdicts = []
    for one in assignments:
        rows = consensus.get(one.task_id, {})
        if one.is_gold:
            verdicts.append(_on_gold(one))
        elif one.is_repeat or one.task_id in settled or _ruled_since(one):  # a repeat is paid as work, whatever it says
            verdicts.append(Verdict(one, accept=True))
        elif rows:
            verdicts.append(_on_consensus(one, answers[one.id], rows, config, threshold))
    return verdicts


def _ruled_since(one: Assignment) -> bool:
    """The requester said only after it was taken what is right in such cases: that counts against nobody."""
    ruled = one.task.ruled_at
    return ruled is not None and one.taken_at <= ruled


def _on_gold(one: Assignment) -> Verdict:
    return Verdict(one, bool(one.gold_passed), Evidence.GOLD, {"score": one.gold_score})


def _on_consensus(
    one: Assignment,
    units: Sequence[Mapping[str, Any]],
    consensus: Mapping[tuple[int, str], Consensus],
    config: LabelConfig,
    threshold: float,
) -> Verdict:
    """Against it are questions whose consensus is sure and that were answered otherwise: not equally, or, where answers
    are only near each other, not as near as the pass mark asks."""
    against = [
        {
            "unit": unit,
            "question": question,
            "said": said[question],
            "consensus": row.value,
            "posterior": round(row.posterior, 4),
            "answers": row.answers,
        }
        for unit, said in enumerate(units)
        for question in said
        if (row := consensus.get((unit, question))) is not None
        and row.posterior is not None
        and row.posterior >= threshold
        and question in config.ids
        and _differs(config, question, row.value, said[question])
    ]
    return Verdict(one, not against, Evidence.CONSENSUS, {"against": against, "threshold": threshold})


def _differs(config: LabelConfig, id: str, merged: Any, said: Any) -> bool:
    question = config.question(id)
    if question.measure != "own":
        return bool(merged != said)
    return agreement(question, said, merged) < config.pass_mark - 1e-9


def _consensus(project: Project, tasks: set[int]) -> dict[int, dict[tuple[int, str], Consensus]]:
    """By task, in the words of the config in force, as the answers are read."""
    assert project.config_id is not None  # there are answers
    rows: dict[int, dict[tuple[int, str], Consensus]] = defaultdict(dict)
    for row in Consensus.objects.filter(~noted(), project_id=project.id, task_id__in=tasks):
        row.value = value_as(row.question, row.value, old_id=row.config_id, new_id=project.config_id)
        if row.value is not None:
            rows[row.task_id][row.unit, row.question] = row
    return rows


def _with_rejection(project: Project, tasks: set[int]) -> set[int]:
    rejections = Rejection.objects.filter(project_id=project.id, assignment__task_id__in=tasks)
    return set(rejections.values_list("assignment__task_id", flat=True))


def _answers(project: Project, assignments: Sequence[Assignment]) -> dict[int, list[dict[str, Any]]]:
    """The units of each, in the words of the config in force."""
    assert project.config_id is not None  # there are answers
    attempts = {one.id: one.attempt for one in assignments}
    found = Answer.objects.filter(project_id=project.id, assignment_id__in=attempts)
    rows = found.values_list("assignment_id", "attempt", "value", "config_id")
    return {
        id: [unit_as(unit, old_id=config_id, new_id=project.config_id) for unit in value.get("units", [])]
        for id, attempt, value, config_id in rows
        if attempts[id] == attempt
    }
