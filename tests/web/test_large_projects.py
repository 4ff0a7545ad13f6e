"""What a requester does about a project reads no more of it for its size: counted in rows, not in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.marketplace import answered
from crowd.consensus import exports
from crowd.consensus.services.aggregate import aggregate
from crowd.kernel import hints
from crowd.projects.models import Project, Task
from crowd.projects.services import items, publish
from crowd.users.models import Organisation, User
from crowd.web import jobs
from crowd.web.requester import kept, pages
from tests import make
from tests.make_project import make_draft, make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
TASKS, EACH = 2_000, 2
OF_PROJECT = ["project", "live", "results", "answers", "proposals", "workers", "gold", "items", "funds", "exports"]
OF_ORGANISATION = ["organisation", "money", "history"]
READ = "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) FROM pg_stat_xact_user_tables"
WRITTEN = "SELECT n_tup_ins + n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'projects_task'"


def counted(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


@contextmanager
def rows_read() -> Iterator[list[int]]:
    """Of all tables, in the block, which is within the test's transaction."""
    found: list[int] = []
    before = counted(READ)
    yield found
    found.append(counted(READ) - before)


def grow(project: Project, *, workers: list[Worker], each: int) -> None:
    """So many tasks more, with the answers that submits would have left."""
    told = answered.told([project.pk], tasks=TASKS, each=each, workers=[one.pk for one in workers], gold=0)
    statements = (answered.ITEMS, answered.ASSIGNMENTS, answered.ANSWERS, answered.PARTICIPATIONS)
    with connection.cursor() as cursor:
        for statement in statements if each else statements[:1]:
            cursor.execute(statement, told)
        cursor.execute(f"ANALYZE {answered.READ_OFTEN}")  # as autovacuum does soon


def test_publishing_writes_no_task_and_holds_the_purse_only_at_the_end(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    make.make_money(organisation, 10**9)
    asked = []
    for size in (0, TASKS):
        draft = make_draft(actor=requester, organisation=organisation, rows=texts(3))
        if size:
            grow(draft, workers=[worker], each=0)
        written = counted(WRITTEN)
        with CaptureQueriesContext(connection) as seen:
            publish.publish(actor=requester, project_id=draft.pk)
        assert counted(WRITTEN) == written
        asked.append([query["sql"] for query in seen])
    small, large = asked
    assert len(large) == len(small)
    purse = next(place for place, sql in enumerate(large) if "ledger_account" in sql and "FOR" in sql)
    assert not any("projects_task" in sql for sql in large[purse:])


def test_one_item_more_pages_and_files_read_as_much_of_a_large_project_as_of_a_small_one(
    client: Client, requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job counts what is kept before anybody looks, and anew what somebody looked at: no look waits for it."""
    monkeypatch.setattr(kept, "LARGE", 1)
    sent = list[tuple[Any, ...]]()
    monkeypatch.setattr(hints, "send", lambda *hint: sent.append(hint))
    monkeypatch.setattr(pages, "ROWS_AHEAD", 100)
    make.make_money(organisation, 10**9)
    client.force_login(requester, backend=settings.AUTHENTICATION_BACKENDS[0])
    workers = [make.make_worker() for _worker in range(5)]
    project = make_open(actor=requester, organisation=organisation, rows=texts(200), redundancy=3)
    items.add(actor=requester, project_id=project.pk, rows=texts(1))  # what a process reads once
    with rows_read() as at_first:
        items.add(actor=requester, project_id=project.pk, rows=texts(1))
    grow(project, workers=workers, each=EACH)
    aggregate(project.pk)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE consensus_consensus")
    connection.check_constraints()  # what was put off till the end of the transaction
    with rows_read() as then:
        items.add(actor=requester, project_id=project.pk, rows=texts(1))
    assert then[0] <= at_first[0] + 20

    jobs.sweep_figures()
    assert {*sent} == {(kept.JOB, project.pk, name) for name in kept.COUNTS}
    with rows_read() as by_jobs:
        for _job, *figure in sent:
            jobs.count_figure(*figure)
    assert by_jobs[0] > TASKS

    of_one = [reverse(f"web:requester:{name}", args=[project.pk]) for name in OF_PROJECT]
    of_all = [reverse(f"web:requester:{name}", args=[organisation.pk]) for name in OF_ORGANISATION]
    for address in (*of_one, *of_all):
        with rows_read() as read:
            assert client.get(address).status_code == 200, address
        assert read[0] < TASKS // 2, address
    known = reverse("web:requester:funds", args=[project.pk])
    for was_done in (False, True):
        sent.clear()
        kept.cache.delete_many([kept._fresh(kept._key(project.pk, name)) for name in kept.COUNTS])  # a minute passes
        if was_done:
            kept.forget(project.pk)
        with rows_read() as read:
            client.get(known)
        assert ((kept.JOB, project.pk, "spend") in sent, read[0] > TASKS) == (not was_done, was_done)

    monkeypatch.setattr(exports, "ROWS", 20)
    with connection.cursor() as cursor:  # a project of two thousand tasks may as well be sorted; one of millions not
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    for kind in exports.OF:
        with rows_read() as read:
            lines = exports.lines(project, kind, "jsonl")
            assert next(lines)
        assert read[0] < TASKS // 10, kind
    assert Task.objects.filter(project=project).count() > TASKS
