"""Proposed rejections: a named person rejects or dismisses each; whoever says nothing, pays."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from crowd.assignments.models import Rejection
from crowd.assignments.services import accept as accepting
from crowd.assignments.services import batches
from crowd.assignments.services import reject as rejecting
from crowd.assignments.services.grounds import Grounds
from crowd.consensus.models import Proposal
from crowd.consensus.states import PROPOSAL, ProposalState
from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.projects.access import locked_for
from crowd.projects.models import Project
from crowd.users.models import User


def reject(
    *, actor: User, project_id: int, proposal_ids: Sequence[int], reason: str, reopen: bool = False
) -> batches.Outcome:
    """Follow these proposals: each answer is rejected on the evidence proposed, all or none.

    Where they are so many that staff look first (`batches`), they stay open until they have.

    Raises NotFound, BadInput (no reason), WrongState.
    """
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        now = clock.now()
        found = _locked(project, proposal_ids)
        for one in found:
            PROPOSAL.check(one.state, ProposalState.REJECTED)
            Grounds(evidence=one.evidence, reason=reason).check()
        share = batches.too_many(project, [one.assignment_id for one in found], now=now)
        if share is not None:
            lines = _lines(found, project, actor, reason, reopen=reopen)
            return batches.hold(project, lines, share=share, actor=actor, reason=reason, reopen=reopen, now=now)
        done = [_reject(one, project, actor, reason, reopen=reopen, now=now) for one in found]
        rejecting.tell(done, project, reason, now)
    return batches.Outcome(rejections=done)


def _lines(
    found: Sequence[Proposal], project: Project, actor: User, reason: str, *, reopen: bool
) -> list[batches.Line]:
    answers = {one.pk: one for one in rejecting.check_all(project, [each.assignment_id for each in found], actor)}
    return [
        batches.line(
            answers[one.assignment_id],
            Grounds(evidence=one.evidence, reason=reason, facts=one.facts),
            actor=actor,
            reopen=reopen,
        )
        for one in found
    ]


def follow(assignment_ids: Sequence[int], *, actor: User, now: datetime) -> None:
    """Proposals about answers that were rejected another way: staff let a batch pass. Inner."""
    waiting = Proposal.objects.filter(assignment_id__in=assignment_ids, state=ProposalState.OPEN)
    waiting.update(state=ProposalState.REJECTED, decided_by=actor, decided_at=now)


def drop(task_ids: Sequence[int], *, now: datetime) -> None:
    """The requester said only now what is right in these tasks: what was answered before counts against nobody."""
    open_ = Proposal.objects.filter(assignment__task__in=task_ids, state=ProposalState.OPEN)
    open_.update(state=ProposalState.LAPSED, decided_at=now)


def dismiss(*, actor: User, project_id: int, proposal_ids: Sequence[int]) -> int:
    """Do not follow these proposals: the answers are accepted now. The number dismissed."""
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        now = clock.now()
        proposals = _locked(project, proposal_ids)
        for proposal in proposals:
            _decide(proposal, actor, ProposalState.DISMISSED, now)
        accepting.accept_many(project, [one.assignment_id for one in proposals], now=now)
    return len(proposals)


def _reject(
    proposal: Proposal, project: Project, actor: User, reason: str, *, reopen: bool, now: datetime
) -> Rejection:
    grounds = Grounds(evidence=proposal.evidence, reason=reason, facts=proposal.facts)
    _decide(proposal, actor, ProposalState.REJECTED, now)
    (made,) = rejecting.reject_many(
        project, [proposal.assignment_id], actor=actor, grounds=grounds, reopen=reopen, now=now
    )
    return made


def _locked(project: Project, proposal_ids: Sequence[int]) -> list[Proposal]:
    found = list(
        Proposal.objects.select_for_update(no_key=True)
        .filter(project_id=project.id, id__in=proposal_ids)
        .order_by("id")
    )
    missing = set(proposal_ids) - {one.id for one in found}
    if missing:
        raise NotFound(proposals=sorted(missing))
    return found


def _decide(proposal: Proposal, actor: User, state: ProposalState, now: datetime) -> None:
    PROPOSAL.check(proposal.state, state)
    proposal.state, proposal.decided_by, proposal.decided_at = state, actor, now
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
