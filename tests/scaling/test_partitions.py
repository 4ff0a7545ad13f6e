"""Hash partitions by project, tried on a filled database: the site works on them, and each deed stays in its partition.

A trial in a copy: docs/scaling.md says what it found.
"""

from collections.abc import Callable

import pytest

from crowd.assignments.models import Answer, Assignment
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus.models import Consensus
from crowd.consensus.services import fold
from crowd.consensus.services.aggregate import aggregate
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.database import is_superuser
from tests.make_project import make_open, texts
from tests.migrating import filled
from tests.scaling import partitions
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)
PROJECTS = 6
SUBMITS = 8
# Point at an assignment and do not say of which project; docs/scaling.md names them.
WITHOUT_PROJECT = {"assignments_contribution", "assignments_draft", "assignments_leaving", "talk_message"}


def labeled(project: Project, worker: Worker, number: int) -> None:
    held = take.take_next(worker=worker, project_id=project.pk)
    for _each in range(number):
        following = submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}).next
        assert following is not None
        held = following


def away(project: Project, deed: Callable[[], object]) -> dict[str, int]:
    """By partition that is not the project's own: how often the deed looked there."""
    before = {table: partitions.looked_at(table) for table in partitions.HOT}
    deed()
    return {
        name: times - before[table][name]
        for table in partitions.HOT
        for name, times in partitions.looked_at(table).items()
        if times > before[table][name] and name != partitions.home(table, project.pk)
    }


def test_the_hot_path_on_tables_in_partitions(requester: User, organisation: Organisation) -> None:
    if not is_superuser():
        pytest.skip("it makes databases")
    projects = [
        make_open(actor=requester, organisation=organisation, rows=texts(20, gold=4), redundancy=3, gold_share="0.2")
        for _each in range(PROJECTS)
    ]
    for project in projects:
        for _each in range(2):
            labeled(project, make.make_worker(), 6)
    project, answers = projects[0], Answer.objects.count()
    with filled.copied():
        assert partitions.divide_hot() == WITHOUT_PROJECT
        assert Answer.objects.count() == answers
        assert len({partitions.home("assignments_assignment", one.pk) for one in projects}) > 1, "all in one partition"

        worker, other = make.make_worker(), make.make_worker()
        assert away(project, lambda: take.take_next(worker=other, project_id=project.pk)) == {}
        # A submit knows its assignment by id alone: what it asks by that looks into each partition's key.
        elsewhere = away(project, lambda: labeled(project, worker, SUBMITS))
        assert min(elsewhere.values()) >= SUBMITS
        assert len(elsewhere) == partitions.PARTS - 1
        assert all(name.startswith("assignments_assignment_part") for name in elsewhere)
        assert away(project, lambda: fold.every(project.pk)) == {}
        assert away(project, lambda: aggregate(project.pk)) == {}
        assert Consensus.objects.filter(project=project).exists()
        assert Assignment.objects.filter(project=project).count() > 20
        all_is_well()


def test_the_project_stands_in_every_key_that_a_division_by_it_asks_for() -> None:
    """But for the primary keys, which are the number alone; and of what points there, these do not say the project."""
    assert partitions.keys_without_project() == set()
    assert partitions.without_project() == WITHOUT_PROJECT | {"guidance_rulingcase"}
