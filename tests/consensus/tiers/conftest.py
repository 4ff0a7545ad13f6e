"""Who specialists are, and a project that has a tier of them."""

from collections.abc import Callable
from typing import Any

import pytest

from crowd.projects.models import Project
from crowd.projects.services import publish
from crowd.projects.services.tiers import set_tiers
from crowd.projects.states import PayPolicy
from crowd.users.models import Organisation, User
from qualifications.models import Qualification
from tests import make
from tests.consensus.tiers.specialists import make_doctor, terms
from tests.make_project import CENT, make_draft, texts
from workers.models import Worker


@pytest.fixture
def doctors(organisation: Organisation) -> Qualification:
    return make.make_qualification(organisation=organisation, name="Doctors")


@pytest.fixture
def doctor(doctors: Qualification) -> Worker:
    return make_doctor(doctors)


@pytest.fixture
def open_with(requester: User, organisation: Organisation, doctors: Qualification) -> Callable[..., Project]:
    """A published project of a few tasks, two answers each, with one further tier that has money for one task."""

    def build(count: int = 3, settings: dict[str, Any] | None = None, **changes: Any) -> Project:
        given: dict[str, Any] = {"redundancy": 2, "pay_policy": PayPolicy.AT_ONCE} | (settings or {})
        project = make_draft(actor=requester, organisation=organisation, rows=texts(count), **given)
        set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors, **changes)])
        make.make_money(organisation, 10_000 * CENT)
        return publish.publish(actor=requester, project_id=project.pk)

    return build
