"""From a draft to an open project: what it costs, what keeps it back, and that it is paid once."""

from decimal import Decimal

import pytest

from crowd.ledger import queries as ledger
from crowd.ledger.services import self_check
from crowd.projects import queries
from crowd.projects.services import publish, reserves
from crowd.projects.states import ProjectState
from crowd.users.models import AuditEntry, Organisation, User
from tests import make
from tests.make_project import CENT, make_draft, texts

pytestmark = pytest.mark.django_db


def test_a_draft_is_priced_paid_and_opened(requester: User, organisation: Organisation) -> None:
    project = make_draft(
        actor=requester,
        organisation=organisation,
        rows=texts(12, gold=2),
        redundancy=3,
        gold_share=Decimal("0.1"),
        quiz_length=2,
        quiz_cap=5,
        extra_budget_micros=10 * CENT,
    )
    price = queries.price(project)
    assert (price.slots, price.gold_answers) == (30, 4 + 10)  # ceil(30 x 0.1 / 0.9) = 4
    assert price.fee_micros == 8_000  # 20 % of 4 cents
    assert price.total_micros == 44 * 48_000 + 100_000

    purse = make.make_money(organisation, price.total_micros)
    publish.publish(actor=requester, project_id=project.pk)

    project.refresh_from_db()
    assert project.state == ProjectState.OPEN
    assert ledger.balance(purse) == 0
    assert ledger.balance(reserves.escrow(project)) == price.total_micros
    assert project.gold_reserve_micros == 14 * 48_000
    assert project.extra_reserve_micros == 100_000
    assert project.planned_slots == 30
    assert AuditEntry.objects.filter(action="project.publish", subject_id=project.pk).count() == 1
    self_check()
