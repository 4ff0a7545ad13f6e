"""The order of locks in docs/architecture.md, where two of them meet that no other test brings together."""

from collections.abc import Callable
from threading import Thread
from time import monotonic

import pytest
from django.db import connection, connections, transaction

from crowd.assignments.models import Participation
from crowd.assignments.services import pause, recount, take
from crowd.kernel import locks
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.make_project import make_open
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (%s)::oid"


def test_a_recount_waits_for_the_gate_before_it_holds_the_project(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """Closing takes the gate, then the project's row. Whoever takes the row first and then waits for the gate would
    wait for ever."""
    project = make_open(actor=requester, organisation=organisation)
    take.take_next(worker=worker, project_id=project.pk)
    pause.pause(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="Let us talk first.")
    paused = Participation.objects.get()

    with transaction.atomic():
        locks.exclusive(locks.Gate.PROJECT, project.pk)  # as closing does
        counting = Thread(target=alone(lambda: recount.recount(paused.pk)))
        counting.start()
        wait_until(somebody_waits)
        Project.objects.select_for_update(no_key=True, nowait=True).get(pk=project.pk)  # as closing does then
    counting.join(10)

    paused.refresh_from_db()
    assert not paused.recount_due
    all_is_well()


def alone(deed: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            deed()
        finally:
            connections.close_all()

    return run


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        cursor.execute(WAITS, [cursor.fetchone()[0]])
        return bool(cursor.fetchone()[0])


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "nobody came"
