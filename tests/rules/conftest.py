"""A project with gold, and a skill."""

import pytest

from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from qualifications.models import Qualification
from tests import make
from tests.make_project import make_open, texts


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    """Everybody's first four tasks are gold."""
    return make_open(
        actor=requester, organisation=organisation, rows=texts(40, gold=4), quiz_length=4, quiz_cap=9, redundancy=2
    )


@pytest.fixture
def skill(organisation: Organisation) -> Qualification:
    return make.make_qualification(organisation=organisation, name="Moods")
