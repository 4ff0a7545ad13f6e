"""Afterwards: what people were told is held against what is stored, and the stored rows against the invariants."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from crowd.assignments.models import Answer
from crowd.kernel import clock
from crowd.kernel.models import JobRun
from crowd.operations.verify import verify
from crowd.projects.models import Project
from crowd.projects.states import ProjectState
from tests.fire.book import Acknowledged, Book
from tests.fire.world import CLOCK
from tests.operations import waiting

SWEEPS = ("assignments.expire", "assignments.recount_sweep", "consensus.sweep", "notices.sweep")
# By sentence: rows that must not be there, asked without the code that `verify` asks with.
NEVER = {
    "accepted without an answer": """
        SELECT a.id, a.attempt FROM assignments_assignment a WHERE a.state = 'accepted' AND NOT EXISTS
            (SELECT FROM assignments_answer s WHERE s.assignment_id = a.id AND s.attempt = a.attempt)""",
    "counts without an answer": """
        SELECT a.id, a.attempt FROM assignments_assignment a WHERE a.counts AND a.state <> 'active' AND NOT EXISTS
            (SELECT FROM assignments_answer s WHERE s.assignment_id = a.id AND s.attempt = a.attempt)""",
    "paid twice": """
        SELECT subject_ref FROM ledger_transfer WHERE kind = 'reward' GROUP BY 1 HAVING count(*) > 1""",
    "task with more answers that count than it wanted": """
        SELECT t.id FROM projects_task t JOIN assignments_assignment a ON a.task_id = t.id AND a.counts
        WHERE NOT t.is_gold GROUP BY t.id HAVING count(*) > t.needed""",
}


def now() -> datetime:
    return clock.now()


def eventually(true: Callable[[], bool], seconds: float) -> bool:
    """A database that is just coming back is waited for."""

    def asked() -> bool:
        try:
            return true()
        except OperationalError:
            connection.close()
            return False

    return waiting.eventually(asked, seconds, every=0.2)


def jobs_ran(since: datetime) -> bool:
    return set(SWEEPS) <= set(JobRun.objects.filter(finished_at__gt=since, error="").values_list("name", flat=True))


def all_closed() -> bool:
    return not Project.objects.exclude(state=ProjectState.CLOSED).exists()


def lost_answers(book: Book) -> list[str]:
    """What was acknowledged and is not there, or differs."""
    answers = Answer.objects.select_related("assignment")
    stored: dict[Any, Answer] = {(one.assignment_id, one.attempt): one for one in answers}
    found = []
    for key, told in book.acknowledged.items():
        one = stored.get(key)
        if one is None:
            found.append(f"Answer {key} was acknowledged and is not there")
        elif one.value != {"units": [{"mood": told.value}]} or told.answer not in (None, one.pk):
            found.append(f"Answer {key} was acknowledged as {told}, and {one.pk} says {one.value}")
        elif told.counted is not None and not _is_fair(told, one):
            found.append(f"Answer {key} was acknowledged as {told}, and came at {one.submitted_at}, late: {one.late}")
    return found


def _is_fair(told: Acknowledged, one: Answer) -> bool:
    """In time it counts; late it may, until the grace time has ended."""
    if not one.late:
        return bool(told.counted)
    grace_ends = one.assignment.deadline + timedelta(seconds=CLOCK["grace_s"])
    return not told.counted or one.assignment.attempt != one.attempt or one.submitted_at <= grace_ends


def broken() -> list[str]:
    """What `manage.py verify` finds, and what must never be there."""
    found = [f"verify: {one.sentence} {one.rows[:3]}" for one in verify() if not one.holds]
    with connection.cursor() as cursor:
        for sentence, asked in NEVER.items():
            cursor.execute(asked)
            found += [f"{sentence}: {row}" for row in cursor.fetchmany(3)]
    return found


def deadlocks() -> int:
    """0 where nobody answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            return int(cursor.fetchone()[0])
    except (OperationalError, InterfaceError):
        return 0


def told() -> str:
    """How much there is, for the summary."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM assignments_answer), (SELECT count(*) FROM assignments_assignment), "
                "(SELECT count(*) FROM ledger_transfer WHERE kind = 'reward')"
            )
            answers, assignments, rewards = cursor.fetchone()
    except (OperationalError, InterfaceError) as error:
        return f"not known, {error}"
    return f"{answers} answers, {assignments} assignments, {rewards} rewards"
