"""Projects whose answers become a consensus, and pay."""

from decimal import Decimal

import pytest

from crowd.assignments.models import Assignment
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.consensus.settling.crowd import answer, crowd
from tests.make_project import make_open, texts


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=3)


@pytest.fixture
def by_consensus(requester: User, organisation: Organisation) -> tuple[Project, Assignment]:
    """Five workers agree on gold-like ease, one of them is wrong about one task: a sure consensus against him."""
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(6),
        redundancy=5,
        pay_policy="consensus",
        pay_threshold=Decimal("0.9"),
    )
    *right, wrong = crowd(5)
    for worker in right:
        answer(worker, project, *["good"] * 6)
    answer(wrong, project, *["good"] * 5)
    (odd,) = answer(wrong, project, "bad")
    return project, odd
