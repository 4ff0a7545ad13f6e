"""What a tier may ask and pay, and what stays fixed once the project is published."""

from typing import Any

import pytest

from crowd.kernel.errors import BadInput
from crowd.projects.errors import Fixed, Incomplete
from crowd.projects.models import Tier
from crowd.projects.services import budget, draft, publish
from crowd.projects.services.tiers import set_tiers
from crowd.users.models import AuditEntry, Organisation, User
from qualifications.models import Qualification
from tests import make
from tests.check import all_is_well
from tests.consensus.tiers.specialists import HARD, PRICE, terms
from tests.make_project import CENT, make_draft, texts

pytestmark = pytest.mark.django_db


def test_tiers_that_cannot_be(requester: User, organisation: Organisation, doctors: Qualification) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(2))

    def refused(*tiers: dict[str, Any]) -> set[str]:
        with pytest.raises(BadInput) as found:
            set_tiers(actor=requester, project_id=project.pk, tiers=tiers)
        return set(found.value.data["errors"])

    no_cause = {"below_posterior": None, "expert_calls": None}
    assert refused(terms(doctors, **no_cause)) == {"tiers.0.below_posterior"}
    assert refused(terms(doctors, conditions=[])) == {"tiers.0.conditions"}
    assert refused(terms(doctors), terms(doctors)) == {"tiers.1.name"}
    assert refused(terms(doctors, reward_micros=0)) == {"tiers.0.reward_micros", "tiers.0.budget_micros"}
    assert refused(terms(doctors, below_posterior="0.2", redundancy=0)) == {
        "tiers.0.below_posterior",
        "tiers.0.redundancy",
    }
    assert refused(terms(doctors, redundancy=2, most_answers=2)) == {"tiers.0.most_answers"}
    set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors, budget_micros=PRICE - 1)])
    make.make_money(organisation, 1000 * CENT)
    with pytest.raises(Incomplete, match="pays for no task"):
        publish.publish(actor=requester, project_id=project.pk)
    draft.edit(actor=requester, project_id=project.pk, workforce="team")
    set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors, reward_micros=0, budget_micros=0)])
    draft.edit(actor=requester, project_id=project.pk, workforce="public")
    with pytest.raises(Incomplete, match="“Doctors” pays nothing"):
        publish.publish(actor=requester, project_id=project.pk)
    set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors)])
    (logged,) = AuditEntry.objects.filter(action="project.tiers").order_by("-pk")[:1]
    assert [one["budget_micros"] for one in (logged.before["tiers"][0], logged.after["tiers"][0])] == [0, PRICE]
    assert logged.after["tiers"][0]["requirements"][0]["qualification"] == doctors.pk
    publish.publish(actor=requester, project_id=project.pk)

    with pytest.raises(Fixed):
        set_tiers(actor=requester, project_id=project.pk, tiers=[])
    with pytest.raises(Fixed) as fixed:
        set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors, reward_micros=HARD - 1)])
    assert set(fixed.value.data["errors"]) == {"tiers.0.reward_micros"}
    assert refused(terms(doctors), terms(doctors, name="More", budget_micros=1)) == {"tiers.1.budget_micros"}
    changed = terms(doctors, name="Physicians", expert_calls=3, most_answers=4, budget_micros=0)
    set_tiers(actor=requester, project_id=project.pk, tiers=[changed, terms(doctors, name="More")])
    kept = Tier.objects.filter(project=project).order_by("number")
    assert [(one.name, one.expert_calls, one.most_answers, one.reserve_micros) for one in kept] == [
        ("Physicians", 3, 4, PRICE),
        ("More", 1, None, PRICE),
    ]
    with pytest.raises(BadInput, match="tier-1, tier-2"):
        budget.add_budget(actor=requester, project_id=project.pk, reserve="tier-3", amount_micros=PRICE)
    all_is_well()
