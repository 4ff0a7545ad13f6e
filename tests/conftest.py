"""What every test may ask for. Builders of people, projects and money are in tests/make.py."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery.contrib.testing.worker import start_worker
from django.core.cache import cache
from django.db import connections
from django.test import override_settings

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def media_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Uploaded files go to a folder of the test run, never into the data folder."""
    folder = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=folder):
        yield folder


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Throttles and sign-in limits start from zero in every test."""
    cache.clear()


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
    """A Celery worker in a thread, on the broker of the settings (Redis when CELERY_BROKER_URL says so)."""
    from crowd.celery import app

    app.control.purge()

    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        yield
    connections.close_all()
