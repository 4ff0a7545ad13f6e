"""The hot path through PgBouncer in transaction mode: each transaction may get another connection of the pool."""

import os
import shutil
import subprocess
import sys

import pytest

from crowd.assignments.models import Answer
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.fire.parts import ROOT
from tests.make_project import make_open, texts
from tests.scaling.pooler import transaction_pooler

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not shutil.which("pgbouncer"), reason="no pgbouncer on this machine (Debian: apt install pgbouncer)"
    ),
]
WORKERS, TASKS = 4, 6


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    rows = texts(TASKS + 2, gold=2)
    return make_open(actor=requester, organisation=organisation, rows=rows, redundancy=2, gold_share="0.3")


def labeled(project: Project) -> subprocess.CompletedProcess[str]:
    """By everybody at once, in a process whose DATABASE_URL is the pooler."""
    workers = [str(make.make_worker().pk) for _number in range(WORKERS)]
    with transaction_pooler() as url:
        own = {"DATABASE_URL": url, "CROWD_TRANSACTION_POOLER": "1", "DJANGO_SETTINGS_MODULE": "crowd.settings"}
        command = [sys.executable, "-m", "tests.scaling.work", str(project.pk), *workers]
        return subprocess.run(command, cwd=ROOT, env=os.environ | own, capture_output=True, text=True, timeout=60)


def test_more_workers_than_connections_label_a_whole_project(project: Project) -> None:
    done = labeled(project)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == Answer.objects.count() >= 2 * TASKS
    all_is_well()
