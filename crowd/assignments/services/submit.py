"""Submitting an answer, and taking the next task in the same transaction.

1. Pass the gate and lock the participation: the worker is one person at a time, and nothing else changes what he holds.
2. An answer for this attempt that is there already decides alone: the same again is an echo, another is refused.
3. Validate the value against the label config that he was shown.
4. Store the answer, which is never changed; then task, assignment and tallies.
5. Gold is scored at once, and may pause him at once.
6. The next assignment, unless he is paused or there is none.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import F

from crowd.assignments import configs, policy, scoring
from crowd.assignments.errors import (
    AnswerRefused,
    DifferentAnswer,
    NotEligible,
    NotHeld,
    NoWork,
    ProjectNotOpen,
    QuizFull,
    WorkerStopped,
)
from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.services import gate, give_back, pause, take
from crowd.assignments.states import ASSIGNMENT, AssignmentState
from crowd.kernel.errors import CrowdError
from crowd.labeling.answers import AnswerValue, parse_gold, validate
from crowd.labeling.errors import AnswerError
from crowd.projects.models import Project, Task
from crowd.projects.states import TASK, ProjectState, TaskState
from workers.models import Worker

ANSWERED_FIELDS = ["state", "counts", "submitted_at", "due_at", "gold_score", "gold_passed"]
Following = Callable[..., Assignment]
NO_NEXT = (NoWork, ProjectNotOpen, NotEligible, WorkerStopped, QuizFull)  # ordinary reasons to get no further task


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """What became of an answer. `next` is the assignment to go on with; without one, `ended` says why."""

    assignment: Assignment
    answer: Answer
    counted: bool
    again: bool = False  # the same answer had been stored before
    next: Assignment | None = None
    ended: CrowdError | None = None


@dataclass(frozen=True, kw_only=True)
class Time:
    """How long the worker took, in milliseconds, as his page measured it (None: not measured)."""

    active_ms: int | None = None


def submit(
    *,
    worker: Worker,
    assignment_id: int,
    value: Any,
    attempt: int | None = None,
    time: Time = Time(),
    take_next: bool = True,
    random: Random = take.UNPREDICTABLE,
) -> Submitted:
    """Store the worker's answer. Idempotent: the same value for the same attempt returns what is stored.

    A late answer counts within the project's grace time if its slot is still free; else it is kept and not paid.
    Raises NotFound (also for somebody else's assignment), AnswerRefused, DifferentAnswer, NotHeld.
    """
    with transaction.atomic(durable=True):
        entry = gate.enter_by_assignment(assignment_id=assignment_id, worker_id=worker.id)
        assignment = Assignment.objects.select_related("task", "project").get(id=assignment_id)
        held = assignment.state == AssignmentState.ACTIVE
        done = _echo(assignment, attempt, value) or _store(assignment, entry, value, time, random)
        if not take_next:
            return done
        following = take.new if held else take.current_or_new  # a worker holds one here: it was this one
        return _go_on(done, following, entry, worker=worker, random=random)


def _echo(assignment: Assignment, attempt: int | None, value: Any) -> Submitted | None:
    """What stands for this attempt already, if it says the same."""
    wanted = assignment.attempt if attempt is None else attempt
    if assignment.state == AssignmentState.ACTIVE and wanted == assignment.attempt:
        return None
    stored = Answer.objects.filter(
        project_id=assignment.project_id, assignment_id=assignment.id, attempt=wanted
    ).first()
    if stored is None and wanted != assignment.attempt:
        raise NotHeld(attempt=assignment.attempt)
    if stored is None:
        return None
    if _validated(assignment, value).to_json() != stored.value:
        raise DifferentAnswer(stored=stored.value)
    return Submitted(assignment=assignment, answer=stored, counted=assignment.counts, again=True)


def _validated(assignment: Assignment, value: Any) -> AnswerValue:
    try:
        return validate(configs.parsed(assignment.config_id), value, units=assignment.task.units)
    except AnswerError as error:
        raise AnswerRefused(error.message, path=error.path) from error


def _store(assignment: Assignment, entry: gate.Entry, value: Any, time: Time, random: Random) -> Submitted:
    participation, now = entry.participation, entry.now
    assert participation is not None  # there is an assignment
    if assignment.state not in (AssignmentState.ACTIVE, AssignmentState.EXPIRED):
        raise NotHeld(state=assignment.state)
    given = _validated(assignment, value)
    late = now > assignment.deadline
    answer = Answer.objects.create(
        project_id=assignment.project_id,
        assignment_id=assignment.id,
        attempt=assignment.attempt,
        task_id=assignment.task_id,
        worker_id=assignment.worker_id,
        config_id=assignment.config_id,
        value=given.to_json(),
        cannot_answer=given.cannot_answer.reason if given.cannot_answer else "",
        late=late,
        submitted_at=now,
        elapsed_ms=max(0, int((now - assignment.taken_at) / timedelta(milliseconds=1))),
        active_ms=time.active_ms,
    )
    if late and not _reclaim(assignment, participation, now):
        return Submitted(assignment=assignment, answer=answer, counted=False)
    _count(assignment, participation, given, now, random)
    return Submitted(assignment=assignment, answer=answer, counted=True)


def _reclaim(assignment: Assignment, participation: Participation, now: datetime) -> bool:
    """Whether a late answer may still count; its slot is taken back if it was given up already."""
    in_grace = now <= assignment.deadline + timedelta(seconds=assignment.project.grace_s)
    if assignment.state == AssignmentState.ACTIVE:
        if not in_grace:
            give_back.expire_locked(assignment, participation=participation)
        return in_grace
    if not in_grace or assignment.project.state == ProjectState.CLOSED or not _slot_again(assignment, participation):
        return False
    participation.refresh_from_db()
    return True


def _slot_again(assignment: Assignment, participation: Participation) -> bool:
    price = assignment.reward_micros + assignment.fee_micros
    if assignment.is_gold:
        if price and gate.gold_reserve_left(assignment.project) < price:
            return False
    else:
        task = Task.objects.select_for_update(no_key=True).get(id=assignment.task_id)
        if not task.open:
            return False
        task.filled += 1
        task.open = task.filled < task.needed
        task.save(update_fields=["filled", "open"])
    Participation.objects.filter(id=participation.id).update(
        taken_count=F("taken_count") + 1,
        gold_spent_micros=F("gold_spent_micros") + (price if assignment.is_gold else 0),
    )
    return True


def _count(
    assignment: Assignment, participation: Participation, given: AnswerValue, now: datetime, random: Random
) -> None:
    ASSIGNMENT.check(assignment.state, AssignmentState.SUBMITTED)
    if not assignment.is_gold:
        _count_on_task(assignment.task_id, given, assignment.project)
    assignment.state, assignment.counts, assignment.submitted_at = AssignmentState.SUBMITTED, True, now
    assignment.due_at = now + timedelta(seconds=assignment.project.auto_accept_s)
    participation.submitted_count += 1
    if assignment.is_gold:
        _score(assignment, participation, given, random)
    assignment.save(update_fields=ANSWERED_FIELDS)
    participation.save(update_fields=["submitted_count", "gold_right", "gold_wrong", "next_gold_at"])
    if assignment.is_gold:
        pause.if_below_minimum(participation, project=assignment.project, now=now)


def _count_on_task(task_id: int, given: AnswerValue, project: Project) -> None:
    if given.cannot_answer is None:
        Task.objects.filter(id=task_id).update(answered=F("answered") + 1)
        return
    task = Task.objects.select_for_update(no_key=True).get(id=task_id)
    task.answered += 1
    task.cannot_answer_count += 1
    if task.cannot_answer_count >= project.cannot_answer_limit and TASK.allows(task.state, TaskState.REVIEW):
        task.state, task.open = TaskState.REVIEW, False
    task.save(update_fields=["answered", "cannot_answer_count", "state", "open"])


def _score(assignment: Assignment, participation: Participation, given: AnswerValue, random: Random) -> None:
    config = configs.parsed(assignment.config_id)
    key = _key(assignment)
    assignment.gold_score = scoring.score(config, key=key, given=given)
    assignment.gold_passed = assignment.gold_score >= config.pass_mark
    participation.gold_right += int(assignment.gold_passed)
    participation.gold_wrong += int(not assignment.gold_passed)
    participation.next_gold_at = policy.next_gold(
        submitted=participation.submitted_count, share=assignment.project.gold_share, random=random
    )


def _key(assignment: Assignment) -> AnswerValue:
    """The gold key of the assignment's task, canonical."""
    return parse_gold(configs.parsed(assignment.config_id), assignment.task.gold, units=assignment.task.units)


def _go_on(done: Submitted, following: Following, entry: gate.Entry, *, worker: Worker, random: Random) -> Submitted:
    try:
        assignment = following(entry, worker=worker, project=done.assignment.project, random=random)
    except NO_NEXT as reason:
        return replace(done, ended=reason)
    return replace(done, next=assignment)
