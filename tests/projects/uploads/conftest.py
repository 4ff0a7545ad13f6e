"""For all stories of uploads: a project, a site to fetch from, and nothing in the storage."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.storage import default_storage

from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.make_project import make_draft
from tests.projects.servers import Site, site
from tests.projects.uploads.uploading import stored_files


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_draft(actor=requester, organisation=organisation)


@pytest.fixture
def web(settings: Any) -> Iterator[Site]:
    settings.CROWD_FETCH_ALLOW_PRIVATE = ["127.0.0.1/32"]
    with site() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_stored() -> None:
    for name in stored_files():
        default_storage.delete(name)
