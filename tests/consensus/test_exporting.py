"""Large exports: one of a kind at a time, written by whichever job lives, kept for a while."""

import gc
import json
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client

from crowd.assignments.models import Assignment
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus import exports, jobs
from crowd.consensus.models import Export
from crowd.consensus.services import exporting
from crowd.kernel import clock
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests import make_project
from tests.races import together
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_project.make_open(actor=requester, organisation=organisation, rows=make_project.texts(30))


def ask(requester: User, project: Project, format: str = "jsonl") -> Export:
    return exporting.ask(actor=requester, project_id=project.pk, of="items", format=format)


def test_a_large_file_is_asked_for_on_the_page_written_by_the_job_and_downloaded(
    client: Client, requester: User, stranger: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(requester)
    here = f"/requester/projects/{project.pk}"
    monkeypatch.setattr(exports, "LARGE", 29)

    sent = client.get(f"{here}/export/items.csv", follow=True)
    assert "Write CSV" in sent.content.decode()
    client.post(f"{here}/exports/", {"of": "items", "as": "csv"})
    client.post(f"{here}/exports/", {"of": "items", "as": "csv"})  # the second click
    export = Export.objects.get()
    assert "waiting" in client.get(f"{here}/exports/").content.decode()
    assert client.get(f"{here}/exports/{export.pk}/file/").status_code == 404

    jobs.write_export(export.pk)
    jobs.write_export(export.pk)  # the message came twice
    answered = client.get(f"{here}/exports/{export.pk}/file/")
    body = b"".join(answered.streaming_content).decode()  # type: ignore[attr-defined]
    export.refresh_from_db()

    assert (export.rows, export.attempt, export.size) == (30, 1, len(body.encode()))
    assert (body.count("\n"), answered["Content-Disposition"][:10]) == (31, "attachment")
    assert body.encode() == b"".join(exports.lines(project, "items", "csv"))
    client.force_login(stranger)
    assert client.get(f"{here}/exports/{export.pk}/file/").status_code == 404


def test_who_died_while_writing_is_followed_by_another_and_leaves_nothing(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ask(requester, project)
    monkeypatch.setattr(exporting, "HEARTBEAT_SECONDS", 0.0)
    lines = exports.lines(project, "items", "jsonl")

    def silent(*_about: Any, **_how: Any) -> Any:
        """Writes ten rows, and is taken for dead meanwhile; somebody else finishes."""
        for number, line in enumerate(lines):
            if number == 10:
                Export.objects.update(alive_at=clock.now() - timedelta(hours=1))
                monkeypatch.undo()
                assert exporting.due() == [export.pk]
                assert exporting.write(export_id=export.pk).state == "done"
                monkeypatch.setattr(exporting, "HEARTBEAT_SECONDS", 0.0)
            yield line

    monkeypatch.setattr(exports, "lines", silent)
    found = exporting.write(export_id=export.pk)

    assert (found.state, found.attempt, found.rows) == ("done", 2, 30)
    with default_storage.open(found.storage_name) as file:
        assert len([json.loads(line) for line in file]) == 30
    assert default_storage.listdir(f"exports/{project.pk}/{export.pk}")[1] == ["2.jsonl"]


def test_one_that_fails_again_and_again_says_so(requester: User, project: Project) -> None:
    export = ask(requester, project)
    Export.objects.update(attempt=exporting.MAX_ATTEMPTS)

    assert exporting.write(export_id=export.pk).state == "failed"
    assert ask(requester, project).pk != export.pk


def test_what_was_kept_long_enough_is_deleted(requester: User, project: Project) -> None:
    export = exporting.write(export_id=ask(requester, project).pk)
    name = export.storage_name
    jobs.sweep_exports()
    assert default_storage.exists(name)

    Export.objects.update(delete_at=clock.now())
    jobs.sweep_exports()

    export.refresh_from_db()
    assert (export.state, export.storage_name, default_storage.exists(name)) == ("deleted", "", False)


def test_two_together_ask_for_one_file(requester: User, project: Project) -> None:
    made = together(lambda: ask(requester, project).pk, lambda: ask(requester, project).pk)

    assert len(set(made)) == 1
    assert Export.objects.count() == 1


def test_memory_does_not_grow_with_the_rows(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten times the rows, of 8 kB each so that they outweigh whatever else a run allocates."""
    monkeypatch.setattr(exports, "ROWS", 20)

    def peak(rows: int) -> int:
        fat = [{"text": f"{number} " + 2_000 * "long "} for number in range(rows)]
        made = make_project.make_open(actor=requester, organisation=organisation, rows=fat)
        export = ask(requester, made)
        gc.collect()
        tracemalloc.start()
        exporting.write(export_id=export.pk)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(20)  # what is loaded only once
    small = peak(40)  # more than is read at a time

    assert peak(400) < 2 * small


@pytest.mark.parametrize(("of", "rows"), [("items", 30), ("answers", 7)])
def test_no_statement_reads_more_than_a_page_where_no_cursor_stays(
    project: Project, worker: Worker, monkeypatch: pytest.MonkeyPatch, of: str, rows: int
) -> None:
    """Behind a transaction pooler; the same statements for each page, the same rows as in one page. A file of answers
    does not read what the items hold."""
    _answer(worker, project, 7)
    whole = b"".join(exports.lines(project, of, "jsonl"))
    monkeypatch.setattr(exports, "ROWS", 3)
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    read, asked = list[int](), list[str]()

    def noting(run: Any, sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        result = run(sql, parameters, many, context)
        read.append(context["cursor"].rowcount)
        asked.append(sql)
        return result

    with connection.execute_wrapper(noting):
        paged = b"".join(exports.lines(project, of, "jsonl"))

    assert (paged, paged.count(b"\n")) == (whole, rows)
    assert max(read) <= 3
    places = [json.loads(line)["task" if of == "items" else "assignment"] for line in paged.splitlines()]
    assert places == sorted(places)
    assert len(read) <= 2 + (4 if of == "items" else 3) * (rows // 3 + 1)
    assert of == "items" or not any(wide in sql for sql in asked for wide in ('"payload"', '"projects_item"."data"'))


def _answer(worker: Worker, project: Project, number: int) -> None:
    take.take_next(worker=worker, project_id=project.pk)
    for _each in range(number):
        held = Assignment.objects.get(worker=worker, state="active")
        submit(worker=worker, assignment_id=held.pk, value={"mood": "good"})
