"""What every test may ask for. Builders of people, projects and money are in tests/make.py."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from django.test import TransactionTestCase, override_settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from pytest_django.plugin import DjangoDbBlocker

from crowd.kernel import catalogs
from crowd.ledger.services import self_check
from crowd.users.models import Membership, Organisation, User
from crowd.users.states import Role
from tests import database, make
from workers.models import Worker

ROOT = Path(__file__).resolve().parent.parent
# The same examples each time, however slow the machine; --hypothesis-profile=default looks for others.
hypothesis.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("suite")


def pytest_collection_finish() -> None:
    """What stays for the whole run is not looked through for garbage again and again: a twentieth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """The test database is a copy of one that has been migrated already."""
    with django_db_blocker.unblock():
        database.hurry()
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = database.template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After a test that commits, the database is restored our way, which is quicker than Django's."""
    with django_db_blocker.unblock():
        may = database.is_superuser()
        if may:
            database.restore() if database.remembers() else database.remember()
    with pytest.MonkeyPatch.context() as patch:
        if may:
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: database.restore())
        yield


@pytest.fixture(scope="session", autouse=True)
def media_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Uploaded files go to a folder of the test run, never into the data folder."""
    folder = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=folder):
        yield folder


@pytest.fixture(scope="session", autouse=True)
def words() -> None:
    """The translations as they stand in the sources; `make` builds them, and so does a run of pytest alone."""
    catalogs.compile_stale()


@pytest.fixture(autouse=True)
def plain_speech() -> Iterator[None]:
    """A request in German leaves its thread speaking German; the next test begins in English all the same."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Throttles and sign-in limits start from zero in every test."""
    for one in caches.all():
        one.clear()


@pytest.fixture(autouse=True)
def books(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did, the ledger's invariants hold at its end; `unbalanced` marks those that break them to see."""
    has_database = request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & {*request.fixturenames}
    if has_database:
        request.getfixturevalue("db")  # so that this ends before the rows are gone
    yield
    if has_database and not request.node.get_closest_marker("unbalanced") and not connection.needs_rollback:
        self_check()


@pytest.fixture
def dataset() -> Callable[[str], Path]:
    """dataset("rte") is the folder of that public data set; without it the test says so and is skipped."""

    def find(name: str) -> Path:
        place = Path(os.environ.get("CROWD_DATASETS", ROOT.parent / "shared" / "datasets")) / name
        if not place.is_dir():
            pytest.skip(f"no data set {name} in {place.parent} (CROWD_DATASETS)")
        return place

    return find


@pytest.fixture
def job_worker(transactional_db: None) -> Iterator[None]:
    """Somebody who does the jobs that a test gives."""
    from crowd.celery import app
    from tests import job_worker

    app.control.purge()
    with job_worker.job_worker():
        yield
    connections.close_all()


# --- The cast: so that a test of who may do what is one line. All of them are strangers to each other. -------------
@pytest.fixture
def requester(db: None) -> User:
    """Owns `organisation`."""
    return make.make_user("requester@example.org", name="Rita Requester")


@pytest.fixture
def organisation(requester: User) -> Organisation:
    return make.make_organisation(owner=requester, name="Rita's Lab")


@pytest.fixture
def colleague(organisation: Organisation) -> User:
    """A plain member of `organisation`."""
    user = make.make_user("colleague@example.org")
    Membership.objects.create(organisation=organisation, user=user, role=Role.MEMBER)
    return user


@pytest.fixture
def stranger(db: None) -> User:
    """Another requester, with an organisation of his own, who must see nothing."""
    user = make.make_user("stranger@example.org")
    make.make_organisation(owner=user, name="Strangers")
    return user


@pytest.fixture
def worker(db: None) -> Worker:
    return make.make_worker(user=make.make_user("worker@example.org"))


@pytest.fixture
def other_worker(db: None) -> Worker:
    return make.make_worker(user=make.make_user("other.worker@example.org"))


@pytest.fixture
def staff(db: None) -> User:
    return make.make_staff("staff@example.org")


@pytest.fixture
def other_staff(db: None) -> User:
    return make.make_staff("other.staff@example.org")
