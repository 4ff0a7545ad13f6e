"""A private team comes in by links; requirements and exclusions say who may work."""

from datetime import timedelta
from typing import Any

import pytest

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.transitions import WrongState
from crowd.projects import queries
from crowd.projects.errors import InvitationGone
from crowd.projects.models import Project, TeamInvitation, TeamMember
from crowd.projects.services import publish, requirements, team
from crowd.users.models import AuditEntry, Organisation, User
from qualifications.requirements import BadRequirements, Condition
from qualifications.states import Comparator
from tests import make
from tests.make_project import make_draft, make_open, texts
from tests.races import errors, meeting, together
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_draft(actor=requester, organisation=organisation, rows=texts(1), workforce="team", reward_micros=0)


def test_a_link_lets_so_many_in_and_the_same_worker_once(
    requester: User, project: Project, worker: Worker, other_worker: Worker
) -> None:
    invitation, token = team.invite(actor=requester, project_id=project.pk, uses=1)
    assert token not in str(TeamInvitation.objects.filter(pk=invitation.pk).values())

    first = team.join(actor=worker.user, token=token)
    again = team.join(actor=worker.user, token=token)

    assert first == again
    invitation.refresh_from_db()
    assert invitation.uses_left == 0
    with pytest.raises(InvitationGone):
        team.join(actor=other_worker.user, token=token)
    worker.refresh_from_db()
    assert worker.eligibility_version == 1


def test_a_link_ends_with_its_time_or_by_hand_or_with_the_project(
    requester: User, project: Project, worker: Worker
) -> None:
    _invitation, late = team.invite(actor=requester, project_id=project.pk, good_for=timedelta(days=1))
    clock.advance(timedelta(days=1))
    with pytest.raises(InvitationGone):
        team.join(actor=worker.user, token=late)
    invitation, revoked = team.invite(actor=requester, project_id=project.pk)
    team.revoke(actor=requester, project_id=project.pk, invitation_id=invitation.pk)
    with pytest.raises(NotFound):
        team.revoke(actor=requester, project_id=project.pk, invitation_id=invitation.pk)
    with pytest.raises(InvitationGone):
        team.join(actor=worker.user, token=revoked)
    with pytest.raises(InvitationGone):
        team.join(actor=worker.user, token="made up")
    _invitation, token = team.invite(actor=requester, project_id=project.pk)
    publish.publish(actor=requester, project_id=project.pk)
    publish.start_closing(actor=requester, project_id=project.pk)
    with pytest.raises(WrongState):
        team.join(actor=worker.user, token=token)
    with pytest.raises(WrongState):
        team.invite(actor=requester, project_id=project.pk)
    assert not TeamMember.objects.exists()


def test_who_was_taken_out_comes_back_by_a_new_link_only(
    requester: User, organisation: Organisation, project: Project, worker: Worker
) -> None:
    _invitation, token = team.invite(actor=requester, project_id=project.pk, uses=9)
    team.join(actor=worker.user, token=token)
    code = pseudonym_for(organisation, worker)
    team.remove(actor=requester, project_id=project.pk, pseudonym=code, reason="on leave")
    with pytest.raises(NotFound):
        team.remove(actor=requester, project_id=project.pk, pseudonym=code)
    with pytest.raises(NotAllowed, match="taken out"):
        team.join(actor=worker.user, token=token)
    worker.refresh_from_db()
    assert worker.eligibility_version == 2

    clock.advance(timedelta(seconds=1))
    _invitation, new = team.invite(actor=requester, project_id=project.pk)
    assert team.join(actor=worker.user, token=new).removed_at is None
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions)[-4:] == ["project.join", "project.remove_member", "project.invite", "project.join"]


def test_only_workers_join_only_teams_invite_and_strangers_do_nothing(
    requester: User, stranger: User, organisation: Organisation, project: Project, worker: Worker
) -> None:
    _invitation, token = team.invite(actor=requester, project_id=project.pk)
    with pytest.raises(NotAllowed):
        team.join(actor=stranger, token=token)  # who is no worker
    for forbidden in (
        lambda: team.invite(actor=stranger, project_id=project.pk),
        lambda: team.revoke(actor=stranger, project_id=project.pk, invitation_id=1),
        lambda: team.remove(actor=stranger, project_id=project.pk, pseudonym=pseudonym_for(organisation, worker)),
        lambda: requirements.set_requirements(actor=stranger, project_id=project.pk, conditions=[]),
        lambda: requirements.set_exclusions(actor=stranger, project_id=project.pk, other_ids=[]),
    ):
        with pytest.raises(NotFound):
            forbidden()
    crowd = make_draft(actor=requester, organisation=organisation)
    with pytest.raises(BadInput, match="public crowd"):
        team.invite(actor=requester, project_id=crowd.pk)
    for bad in ({"uses": 0}, {"uses": 10_001}, {"good_for": timedelta(0)}, {"good_for": timedelta(days=400)}):
        with pytest.raises(BadInput):
            team.invite(actor=requester, project_id=project.pk, **bad)


def _join_both(workers: list[Worker], token: str) -> list[Any]:
    return together(*[lambda user=one.user: team.join(actor=user, token=token) for one in workers])


@pytest.mark.django_db(transaction=True)
def test_of_two_on_the_last_use_one_gets_in(
    requester: User, project: Project, worker: Worker, other_worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation, token = team.invite(actor=requester, project_id=project.pk)
    monkeypatch.setattr(team, "_check", meeting(team._check))
    results = _join_both([worker, other_worker], token)
    assert [type(error) for error in errors(results)] == [InvitationGone]
    assert TeamMember.objects.count() == 1
    invitation.refresh_from_db()
    assert invitation.uses_left == 0


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_both_pass_the_check(
    requester: User, project: Project, worker: Worker, other_worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    _invitation, token = team.invite(actor=requester, project_id=project.pk)
    monkeypatch.setattr(team, "_check", meeting(team._check))
    monkeypatch.setattr(team, "_locked", lambda _token: TeamInvitation.objects.select_related("project").get())
    results = _join_both([worker, other_worker], token)
    # The database's own check (uses_left >= 0) is then all that is left, and it speaks in no words for people.
    assert [type(error).__name__ for error in errors(results)] == ["IntegrityError"]


@pytest.mark.django_db(transaction=True)
def test_one_worker_by_two_links_at_once_is_one_member(
    requester: User, project: Project, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = [team.invite(actor=requester, project_id=project.pk)[1] for _ in range(2)]
    monkeypatch.setattr(team, "_check", meeting(team._check))
    results = together(*[lambda token=one: team.join(actor=worker.user, token=token) for one in tokens])
    assert errors(results) == []
    assert TeamMember.objects.count() == 1


# --- Requirements and exclusions ----------------------------------------------------------------------------------
def test_requirements_are_replaced_and_versioned(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation)
    own = make.make_qualification(organisation=organisation)
    site = make.make_qualification()
    wanted = [
        Condition(own, Comparator.GREATER_THAN_OR_EQUAL, (80,)),
        Condition(site, Comparator.EXISTS),
    ]
    requirements.set_requirements(actor=requester, project_id=project.pk, conditions=wanted)
    project.refresh_from_db()
    assert queries.conditions(project) == wanted
    assert project.requirements_version == 2
    requirements.set_requirements(actor=requester, project_id=project.pk, conditions=wanted[:1])
    assert queries.conditions(project) == wanted[:1]
    entry = AuditEntry.objects.filter(action="project.requirements").latest("id")
    assert len(entry.before["requirements"]) == 2
    assert entry.after["requirements"][0]["values"] == [80]


def test_ill_formed_or_foreign_requirements_change_nothing(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation)
    foreign = make.make_qualification(organisation=make.make_organisation())
    retired = make.make_qualification(active=False)
    own = make.make_qualification(organisation=organisation)
    for conditions, error in [
        ([Condition(own, Comparator.EXISTS, (5,))], BadRequirements),
        ([Condition(own, "Resembles", (5,))], BadRequirements),
        ([Condition(own, Comparator.EXISTS)] * 11, BadRequirements),
        ([Condition(foreign, Comparator.EXISTS)], NotFound),
        ([Condition(retired, Comparator.EXISTS)], NotFound),
    ]:
        with pytest.raises(error):
            requirements.set_requirements(actor=requester, project_id=project.pk, conditions=conditions)
    project.refresh_from_db()
    assert (queries.conditions(project), project.requirements_version) == ([], 1)


def test_only_the_organisations_own_projects_are_excluded(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation)
    other = make_draft(actor=requester, organisation=organisation)
    owner = make.make_user()
    foreign = make_draft(actor=owner, organisation=make.make_organisation(owner=owner))
    requirements.set_exclusions(actor=requester, project_id=project.pk, other_ids=[other.pk])
    for bad, error in [([foreign.pk], NotFound), ([10**12], NotFound), ([project.pk], BadInput)]:
        with pytest.raises(error):
            requirements.set_exclusions(actor=requester, project_id=project.pk, other_ids=bad)
    project.refresh_from_db()
    assert list(project.exclusions.values_list("other", flat=True)) == [other.pk]
    assert project.requirements_version == 2
