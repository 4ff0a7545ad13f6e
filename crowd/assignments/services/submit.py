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

from crowd.assignments import configs, policy
from crowd.assignments.errors import AnswerRefused, DifferentAnswer, NotHeld
from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.services import (
    ahead,
    claim,
    contributions,
    drafts,
    gate,
    gold,
    late,
    pause,
    reports,
    rework,
    take,
    writing,
)
from crowd.assignments.states import ASSIGNMENT, AssignmentState
from crowd.kernel import locks, sql
from crowd.kernel.errors import CrowdError
from crowd.labeling.answers import AnswerValue, validate
from crowd.labeling.errors import AnswerError
from crowd.projects.models import Project, Task
from workers.models import Worker

MAX_MS = 2**31 - 1
READ = f"""
SELECT {sql.columns(Assignment, "a")}, {sql.columns(Task, "t")}, {sql.columns(Project, "p")}, {ahead.OF_SAME_WORKER}
FROM assignments_assignment a
JOIN projects_task t ON t.id = a.task_id JOIN projects_project p ON p.id = a.project_id
WHERE a.id = %(assignment)s
"""
Following = Callable[..., Assignment]
Reader = Callable[[Assignment], Any]


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """What became of an answer. `next` is the assignment to go on with; without one, `ended` says why."""

    assignment: Assignment
    participation: Participation  # with the tiers that he is given tasks of
    answer: Answer
    counted: bool
    again: bool = False  # the same answer had been stored before
    missed: gold.Missed | None = None  # a gold task that he got wrong, where the project explains that
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
    value: Any | Reader,
    attempt: int | None = None,
    time: Time = Time(),
    take_next: bool = True,
    guidelines_read: int | None = None,
    random: Random = take.UNPREDICTABLE,
) -> Submitted:
    """Store the worker's answer. Idempotent: the same value for the same attempt returns what is stored.

    `value` may be a function of the assignment, for whoever needs its label config to read what was sent.
    A late answer counts within the project's grace time if its slot is still free; else it is kept and not paid.
    `guidelines_read`: the version that he confirms, where the answer was sent back and the guidelines have changed.
    Raises NotFound (also for somebody else's assignment), AnswerRefused, DifferentAnswer, NotHeld, GuidelinesUnread.
    """
    with transaction.atomic(durable=True):
        entry, row = gate.enter_and_read(READ, assignment_id=assignment_id, worker_id=worker.id)
        assignment, ahead_id = _read(row)
        entry = replace(entry, ahead_id=ahead_id)
        held = assignment.state == AssignmentState.ACTIVE
        value = value(assignment) if callable(value) else value
        done = _echo(assignment, entry, attempt, value)
        if done is None and held and assignment.rework_of is not None:
            rework.by_what_he_read(assignment, entry.inside, guidelines_read)
        done = done or _store(assignment, entry, value, time, random, goes_on=worker if take_next else None)
        if not take_next or done.missed or done.next:
            return done  # whoever missed a gold task reads why first: the clock of the next one does not run meanwhile
        held = held and assignment.rework_of is None
        following = take.new if held else take.current_or_new  # a worker has one open here: it was this one
        return _go_on(done, following, entry, worker=worker, random=random)


def _echo(assignment: Assignment, entry: gate.Entry, attempt: int | None, value: Any) -> Submitted | None:
    """What stands for this attempt already, if it says the same."""
    wanted = assignment.attempt if attempt is None else attempt
    if assignment.state == AssignmentState.ACTIVE and wanted == assignment.attempt:
        return None
    # A range of one, in its order: any index of the project looks as good as the right one while it is new to the
    # planner, and would be read from end to end (claim.NOT_HIS).
    rows = Answer.objects.filter(project_id=assignment.project_id, assignment_id=assignment.id)
    stored = rows.filter(attempt__range=(wanted, wanted)).order_by("attempt").first()
    if stored is None and wanted != assignment.attempt:
        raise NotHeld(attempt=assignment.attempt)
    if stored is None:
        return None
    if _validated(assignment, value).to_json() != stored.value:
        raise DifferentAnswer(stored=stored.value)
    return Submitted(
        assignment=assignment,
        participation=entry.inside,
        answer=stored,
        counted=assignment.counts,
        again=True,
        missed=gold.missed(assignment),
    )


def _validated(assignment: Assignment, value: Any) -> AnswerValue:
    try:
        return validate(configs.parsed(assignment.config_id), value, assignment.task.units, assignment.task.shown_units)
    except AnswerError as error:
        raise AnswerRefused(error.message, path=error.path) from error


def _read(row: sql.Row) -> tuple[Assignment, int | None]:
    """The assignment with task and project, and the id of the one that is reserved ahead of it."""
    assignment = sql.read(Assignment, row)
    assignment.task = sql.read(Task, row, sql.width(Assignment))
    assignment.project = sql.read(Project, row, sql.width(Assignment) + sql.width(Task))
    return assignment, row[-1]


def _store(
    assignment: Assignment, entry: gate.Entry, value: Any, time: Time, random: Random, *, goes_on: Worker | None
) -> Submitted:
    """`goes_on`: who takes the next task after it."""
    if assignment.state not in (AssignmentState.ACTIVE, AssignmentState.EXPIRED) or assignment.opened_at is None:
        raise NotHeld(state=assignment.state)
    participation = entry.inside
    given = _validated(assignment, value)
    contributions.claim(assignment, configs.parsed(assignment.config_id), given, now=entry.now)
    answer = _answer(assignment, given, time, entry.now)
    if answer.late and goes_on:
        gate.lock_gold_reserve(entry, assignment.project_id)
    if answer.late and not late.reclaim(assignment, participation, entry.now):
        answer.save(force_insert=True)
        drafts.forget(assignment_id=assignment.id)
        return Submitted(assignment=assignment, participation=participation, answer=answer, counted=False)
    following = _count(assignment, entry, given, answer, random, goes_on=goes_on)
    if assignment.is_gold or participation.submitted_count == assignment.project.quiz_length:
        pause.if_below_minimum(participation, project=assignment.project, now=entry.now)
    pause.recount_if_paused(participation)
    missed = gold.missed(assignment)
    return Submitted(
        assignment=assignment,
        participation=participation,
        answer=answer,
        counted=True,
        missed=missed,
        next=following,
    )


def _answer(assignment: Assignment, given: AnswerValue, time: Time, now: datetime) -> Answer:
    return Answer(
        project_id=assignment.project_id,
        assignment_id=assignment.id,
        attempt=assignment.attempt,
        task_id=assignment.task_id,
        worker_id=assignment.worker_id,
        config_id=assignment.config_id,
        value=given.to_json(),
        cannot_answer=given.cannot_answer.reason if given.cannot_answer else "",
        late=now > assignment.deadline,
        submitted_at=now,
        elapsed_ms=min(MAX_MS, max(0, (now - assignment.taken_at) // timedelta(milliseconds=1))),
        active_ms=time.active_ms,
    )


def _count(
    assignment: Assignment,
    entry: gate.Entry,
    given: AnswerValue,
    answer: Answer,
    random: Random,
    *,
    goes_on: Worker | None,
) -> Assignment | None:
    """The answer, its task's counters, the assignment and the tallies: one statement, unless it is a report.

    So it is with the next task, where it is one of the ring: what comes back.
    """
    participation = entry.inside
    ASSIGNMENT.check(assignment.state, AssignmentState.SUBMITTED)
    assignment.state, assignment.counts = AssignmentState.SUBMITTED, not assignment.is_repeat
    assignment.submitted_at = answer.submitted_at
    assignment.due_at = answer.submitted_at + timedelta(seconds=assignment.project.auto_accept_s)
    participation.submitted_count += 1
    in_quiz = participation.submitted_count < assignment.project.quiz_length
    participation.quiz_owed_micros *= in_quiz
    if assignment.is_gold:
        gold.score(assignment, entry, given, random)
    if assignment.is_repeat:
        participation.next_repeat_at = policy.next_place(
            submitted=participation.submitted_count + int(entry.ahead_id is not None),
            share=assignment.project.repeat_share,
            random=random,
        )
    ordinary = not (assignment.is_gold or assignment.is_repeat)
    report = given.cannot_answer is not None and ordinary
    reserve_follows = goes_on is not None and _reserve_follows(entry, assignment.project)
    if report:
        if reserve_follows:
            gate.lock_gold_reserve(entry, assignment.project_id)
        reports.count(assignment.task_id, assignment.project)
    facts = writing.facts(assignment, answer, participation, in_quiz=in_quiz, on_task=ordinary and not report)
    facts |= {"reserve_follows": reserve_follows}
    if goes_on and ordinary and not report and _goes_on_the_ring(assignment, entry, answer, goes_on, random):
        (row,) = sql.rows(writing.WRITE_AND_TAKE, claim.terms_of(entry, assignment.project) | facts)
        answer.id = row[0]
        return None if row[1] is None else claim.read(row, 1, assignment.project)
    ((answer.id,),) = sql.rows(writing.WRITE, facts)
    if reserve_follows:
        entry.locked.add(locks.Gate.GOLD_RESERVE)
    return None


def _goes_on_the_ring(
    assignment: Assignment, entry: gate.Entry, answer: Answer, worker: Worker, random: Random
) -> bool:
    """Whether nothing can come of this answer but that he is given another ordinary task; else it is stored first."""
    inside, project = entry.inside, assignment.project
    if answer.late or assignment.rework_of is not None or entry.ahead_id is not None:
        return False
    if project.content_warnings:  # the minutes of it that he may see in a day are counted from what is stored
        return False
    if inside.submitted_count == project.quiz_length:  # it may pause him
        return False
    if take.gold_is_due(inside, project) or take.repeat_is_due(inside, project):
        return False
    try:
        gate.admit(entry, project=project, worker=worker, random=random)
    except CrowdError:  # why, he is told when it is stored
        return False
    return True


def _reserve_follows(entry: gate.Entry, project: Project) -> bool:
    """Whether a reserve will be asked for the next task's pay; what is reserved ahead has been paid for."""
    if entry.ahead_id is not None:
        return False
    if take.gold_is_due(entry.inside, project) and claim.needs_reserve(entry.inside, project):
        return True
    return take.repeat_is_due(entry.inside, project) and project.price_micros > 0


def _go_on(done: Submitted, following: Following, entry: gate.Entry, *, worker: Worker, random: Random) -> Submitted:
    try:
        assignment = following(entry, worker=worker, project=done.assignment.project, random=random)
    except take.NO_NEXT as reason:
        return replace(done, ended=reason)
    return replace(done, next=assignment)
