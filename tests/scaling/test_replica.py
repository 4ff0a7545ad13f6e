"""A real streaming replica: whoever may read there does, nobody reads stale, and nobody notices when it is gone."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from crowd.assignments.models import Answer
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus import exports
from crowd.consensus.models import Consensus, Export, VotePart
from crowd.consensus.services import exporting
from crowd.consensus.services.aggregate import aggregate
from crowd.kernel import replica
from crowd.kernel.postgres import server
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts
from tests.scaling.replica import standby

FAR = 60.0  # longer than a slow machine takes


def is_ours() -> bool:
    return bool(settings.DATABASES["default"]["HOST"] == str(server.socket_folder(settings.CROWD_DATA)))


pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not is_ours(), reason="a replica is made of the tests' own PostgreSQL only"),
]


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation, rows=texts(12), redundancy=3)


def submitted(project: Project) -> int:
    """By a worker who was never here before; the assignment."""
    worker = make.make_worker()
    held = take.take_next(worker=worker, project_id=project.pk)
    submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}, take_next=False)
    return held.pk


def exported(project: Project) -> set[int]:
    return {json.loads(line)["assignment"] for line in exports.lines(project, "answers", "jsonl")}


def there(project: Project) -> set[int]:
    """What the replica itself knows."""
    return set(Answer.objects.using(replica.REPLICA).filter(project=project).values_list("assignment_id", flat=True))


def used(deed: Callable[[], object]) -> bool:
    """Whether the replica was asked for more than whose it is and how far."""
    asked: list[str] = []

    def note(run: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return run(sql, parameters, many, context)

    with connections[replica.REPLICA].execute_wrapper(note):
        deed()
    return not {*asked} <= {replica.REPLAYED, replica.MAY_ASK, replica.WHOSE}


@replica.reads
def written_and_read(project: Project, title: str) -> str:
    """By one who writes inside the door: where he reads what he wrote."""
    assert Project.objects.get(pk=project.pk)._state.db
    Project.objects.filter(pk=project.pk).update(title=title)
    again = Project.objects.get(pk=project.pk)
    assert again.title == title
    return str(again._state.db)


def test_nobody_reads_stale_from_a_replica_that_lags_or_dies(
    client: Client, requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "_rests_until", 0.0)
    monkeypatch.setattr(replica, "_is_a_copy", None)
    monkeypatch.setattr(replica, "REST_S", 0.0)
    monkeypatch.setattr(replica, "PATIENCE_S", FAR)
    monkeypatch.setattr(replica, "JOB_PATIENCE_S", FAR)
    client.force_login(requester)
    page = f"/requester/projects/{project.pk}/"

    def shown() -> str:
        return client.get(page).content.decode()

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")  # as on a site; else each wait is for the log's own writer
    known = {submitted(project)}
    with standby() as one:
        # While it keeps up: read there, each reader his own last write.
        for _each in range(3):
            known.add(submitted(project))
            assert exported(project) == known == there(project)
        assert used(lambda: exported(project))
        assert used(shown)
        assert written_and_read(project, "Changed") == replica.REPLICA
        assert used(lambda: aggregate(project.pk))
        assert Consensus.objects.filter(project=project).exists()
        wanted = exporting.ask(actor=requester, project_id=project.pk, of="answers", format="jsonl")
        assert used(lambda: exporting.write(export_id=wanted.pk))
        assert Export.objects.get(pk=wanted.pk).rows == len(known)

        # What is no copy of this database is never read, however quick it is.
        with monkeypatch.context() as other:
            other.setattr(replica, "_is_a_copy", None)
            other.setattr(replica, "WHOSE", "SELECT pg_is_in_recovery()::text")
            assert not used(lambda: exported(project))

        # While it lags: what it says is old, and nobody hears it.
        one.lag()
        monkeypatch.setattr(replica, "PATIENCE_S", 0.05)
        monkeypatch.setattr(replica, "JOB_PATIENCE_S", 0.05)
        late = submitted(project)
        assert late not in there(project)
        assert exported(project) == known | {late}
        VotePart.objects.all().delete()  # all is read anew
        run = aggregate(project.pk)
        assert run is not None
        assert run.answers == len(known) + 1
        assert not used(shown)

        assert written_and_read(project, "Changed again") == "default"

        # It catches up, and is read again.
        one.go_on()
        monkeypatch.setattr(replica, "PATIENCE_S", FAR)
        assert used(lambda: exported(project))
        assert late in there(project)

        # It dies with a connection open: the same page, from the primary.
        assert "Overview" in shown()
        one.stop()
        assert client.get(page).status_code == 200
        last = submitted(project)
        assert exported(project) == known | {late, last}
    all_is_well()
