"""An expert, and a project of which he reviews every task."""

import pytest

from crowd.projects.models import Project
from crowd.projects.services import budget
from crowd.review.services import plans
from crowd.users.models import Organisation, User
from tests import make
from tests.make_project import CENT, make_open, texts
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for


@pytest.fixture
def expert(organisation: Organisation) -> Worker:
    return make.make_worker()


@pytest.fixture
def project(requester: User, organisation: Organisation, expert: Worker) -> Project:
    """Every task is reviewed for 10 cents, rework adds 2; the reserve holds 40 with their fees."""
    found = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=2)
    make.make_money(organisation, 40 * CENT)
    budget.add_budget(actor=requester, project_id=found.pk, reserve="review", amount_micros=40 * CENT)
    plans.set_plan(
        actor=requester, project_id=found.pk, share=1, reward_micros=10 * CENT, rework_reward_micros=2 * CENT
    )
    code = pseudonym_for(organisation, expert)
    plans.name_reviewer(actor=requester, project_id=found.pk, pseudonym=code)
    return found
