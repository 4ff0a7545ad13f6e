"""What the policy would not accept is proposed to a person, who follows or dismisses it; silence pays."""

from datetime import timedelta

import pytest

from crowd.assignments.models import Assignment
from crowd.consensus.models import Proposal
from crowd.consensus.services import proposals
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.transitions import WrongState
from crowd.projects.models import Project
from crowd.users.models import User
from tests.check import all_is_well
from tests.consensus.settling.crowd import CANNOT, answer, crowd

pytestmark = pytest.mark.django_db


def test_what_the_policy_would_not_accept_is_only_proposed_and_silence_pays(
    by_consensus: tuple[Project, Assignment],
) -> None:
    project, odd = by_consensus
    assert settle(project.id) == 0  # no consensus yet: nothing is judged
    aggregate(project.id)
    assert settle(project.id) == 29
    proposal = Proposal.objects.get()
    assert proposal.assignment_id == odd.id
    assert proposal.facts["against"][0]["consensus"] == "good"
    odd.refresh_from_db()
    assert odd.state == "submitted"
    clock.advance(timedelta(days=7))
    assert settle(project.id) == 1
    proposal.refresh_from_db()
    assert proposal.state == "lapsed"
    all_is_well()


def test_a_named_person_follows_a_proposal_or_dismisses_it(
    by_consensus: tuple[Project, Assignment], requester: User, stranger: User
) -> None:
    project, odd = by_consensus
    aggregate(project.id)
    settle(project.id)
    proposal = Proposal.objects.get()
    with pytest.raises(NotFound):
        proposals.reject(actor=stranger, project_id=project.id, proposal_ids=[proposal.id], reason="Because.")
    with pytest.raises(BadInput):
        proposals.reject(actor=requester, project_id=project.id, proposal_ids=[proposal.id], reason=" ")
    proposals.reject(actor=requester, project_id=project.id, proposal_ids=[proposal.id], reason="Four say good.")
    odd.refresh_from_db()
    assert odd.state == "rejected"
    with pytest.raises(WrongState):
        proposals.dismiss(actor=requester, project_id=project.id, proposal_ids=[proposal.id])
    all_is_well()


def test_a_dismissed_proposal_is_paid_at_once(by_consensus: tuple[Project, Assignment], requester: User) -> None:
    project, odd = by_consensus
    aggregate(project.id)
    settle(project.id)
    proposals.dismiss(
        actor=requester, project_id=project.id, proposal_ids=list(Proposal.objects.values_list("id", flat=True))
    )
    odd.refresh_from_db()
    assert odd.state == "accepted"
    all_is_well()


def test_a_lone_report_among_labels_is_proposed_for_rejection(project: Project) -> None:
    first, second, third = crowd(3)
    answer(first, project, "good")
    answer(second, project, "good")
    (report,) = answer(third, project, CANNOT)
    settle(project.id)
    proposal = Proposal.objects.get()
    assert (proposal.assignment_id, proposal.evidence) == (report.id, "labeled")
    assert proposal.facts == {"labeled": 2, "reported": 1}
    all_is_well()
