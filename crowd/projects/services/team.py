"""A project's private team: workers who came by a link."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crowd.kernel import clock, crypto
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.projects.access import locked_for
from crowd.projects.errors import InvitationGone, WrongState
from crowd.projects.models import Project, TeamInvitation, TeamMember
from crowd.projects.services.record import record
from crowd.projects.states import ProjectState, Workforce
from crowd.users.models import User
from workers.access import worker_for
from workers.models import Worker
from workers.services import eligibility, pseudonyms

MAX_USES = 10_000
MAX_DAYS = 365
GOOD_FOR = timedelta(days=14)
RUNNING = (ProjectState.DRAFT, ProjectState.OPEN, ProjectState.PAUSED)


def invite(
    *, actor: User, project_id: int, uses: int = 1, good_for: timedelta = GOOD_FOR
) -> tuple[TeamInvitation, str]:
    """A link for so many workers, good for so long; its token is returned once and stored nowhere.

    Raises BadInput, also for a project of the public crowd, WrongState.
    """
    if not 1 <= uses <= MAX_USES or not timedelta(0) < good_for <= timedelta(days=MAX_DAYS):
        raise BadInput(
            _("A link is for 1 to %(uses)s workers and at most %(days)s days.") % {"uses": MAX_USES, "days": MAX_DAYS}
        )
    token = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        now = clock.now()
        project = locked_for(actor, project_id, *RUNNING)
        if project.workforce != Workforce.TEAM:
            raise BadInput(_("This project is for the public crowd; it has no team to invite into."))
        invitation = TeamInvitation.objects.create(
            project=project,
            token_digest=crypto.digest(token),
            created_by=actor,
            created_at=now,
            expires_at=now + good_for,
            uses_left=uses,
        )
        record(actor, project, "project.invite", now=now, after={"invitation": invitation.pk, "uses": uses})
    return invitation, token


def revoke(*, actor: User, project_id: int, invitation_id: int) -> None:
    """Withdraw a link; who came by it stays. Raises NotFound."""
    with transaction.atomic(durable=True):
        now = clock.now()
        project = locked_for(actor, project_id)
        found = TeamInvitation.objects.filter(pk=invitation_id, project=project, revoked_at=None)
        if not found.update(revoked_at=now):
            raise NotFound(_("There is no such invitation."))
        record(actor, project, "project.revoke_invitation", now=now, before={"invitation": invitation_id})


def join(*, actor: User, token: str) -> TeamMember:
    """The worker that `actor` is becomes a member; again, it is the same membership and costs no use.

    Of two at once on the last use one gets in. Raises NotAllowed for a login that is no worker or was removed after
    this link was made, InvitationGone, WrongState.
    """
    worker = worker_for(actor)
    with transaction.atomic(durable=True):
        now = clock.now()
        invitation = _locked(token)
        project = invitation.project
        member = TeamMember.objects.filter(project=project, worker=worker).first()
        if member is not None and member.removed_at is None:
            return member
        _check(invitation, member, now)
        TeamInvitation.objects.filter(pk=invitation.pk).update(uses_left=F("uses_left") - 1)
        member = _admit(project, worker, now)
        eligibility.bump([worker.pk])
        record(actor, project, "project.join", now=now, after={"worker": worker.pk, "invitation": invitation.pk})
    return member


def remove(*, actor: User, project_id: int, pseudonym: str, reason: str = "") -> None:
    """Take a worker, known by his pseudonym, out of the team. What he holds he may finish, and is paid for.

    Raises NotFound.
    """
    with transaction.atomic(durable=True):
        now = clock.now()
        project = locked_for(actor, project_id)
        worker = pseudonyms.worker_by_pseudonym(project.organisation, pseudonym)
        if not TeamMember.objects.filter(project=project, worker=worker, removed_at=None).update(removed_at=now):
            raise NotFound(_("There is no such member of the team."))
        eligibility.bump([worker.pk])
        record(actor, project, "project.remove_member", now=now, before={"worker": worker.pk}, reason=reason)


def _locked(token: str) -> TeamInvitation:
    """The lock makes uses be counted one after another."""
    invitations = TeamInvitation.objects.select_for_update(of=("self",), no_key=True).select_related(
        "project__organisation"
    )
    invitation = invitations.filter(token_digest=crypto.digest(token)).first()
    if invitation is None:
        raise InvitationGone
    return invitation


def _check(invitation: TeamInvitation, member: TeamMember | None, now: datetime) -> None:
    gone = invitation.revoked_at is not None or invitation.expires_at <= now
    if gone or invitation.uses_left == 0:
        raise InvitationGone
    if invitation.project.state not in RUNNING:
        raise WrongState(_("This project takes no more workers."), state=invitation.project.state)
    if member is not None and member.removed_at is not None and member.removed_at >= invitation.created_at:
        raise NotAllowed(_("You were taken out of this team. Only a new invitation brings you back."))


def _admit(project: Project, worker: Worker, now: datetime) -> TeamMember:
    """By another link the same worker may come in at the same moment; his membership is one all the same."""
    member, _created = TeamMember.objects.update_or_create(
        project=project, worker=worker, defaults={"joined_at": now, "removed_at": None}
    )
    return member
