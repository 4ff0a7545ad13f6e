"""Organisations: who founds one, who gets in and how, who may leave, and that somebody always owns it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.users import queries
from crowd.users.access import organisation_for
from crowd.users.errors import AccountClosed, AlreadyMember, LastOwner, SpentInvitation, UnknownInvitation
from crowd.users.models import Invitation, Membership, Organisation, User
from crowd.users.services import invitations, organisations
from crowd.users.states import Role
from tests import make
from tests.races import meeting, together


def test_a_founder_owns_and_renames_it(requester: User) -> None:
    lab = organisations.create_organisation(actor=requester, name="  Rita's \n New Lab ")
    assert lab.name == "Rita's New Lab"
    assert organisation_for(requester, lab.pk, owner=True) == lab
    assert organisations.rename(actor=requester, organisation_id=lab.pk, name="Lab").name == "Lab"
    entries = queries.audit_of_organisation(lab).entries
    assert [(entry.action, entry.before, entry.after) for entry in entries] == [
        ("rename", {"name": "Rita's New Lab"}, {"name": "Lab"}),
        ("create", {}, {"name": "Rita's New Lab"}),
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 151, "a\x00b"])
def test_a_name_must_be_one(requester: User, name: str) -> None:
    with pytest.raises(BadInput) as refused:
        organisations.create_organisation(actor=requester, name=name)
    assert list(refused.value.data["errors"]) == ["name"]


def test_a_stranger_finds_nothing_and_a_member_does_not_manage(
    organisation: Organisation, colleague: User, stranger: User, requester: User
) -> None:
    doors: list[Callable[[User], Any]] = [
        lambda user: organisation_for(user, organisation.pk, owner=True),
        lambda user: organisations.rename(actor=user, organisation_id=organisation.pk, name="Mine"),
        lambda user: invitations.invite(actor=user, organisation_id=organisation.pk, email="a@example.org"),
        lambda user: invitations.revoke(actor=user, organisation_id=organisation.pk, invitation_id=1),
        lambda user: organisations.change_role(
            actor=user, organisation_id=organisation.pk, user_id=user.pk, role=Role.OWNER
        ),
        lambda user: organisations.remove_member(actor=user, organisation_id=organisation.pk, user_id=requester.pk),
    ]
    for door in doors:
        with pytest.raises(NotFound):
            door(stranger)
        with pytest.raises(NotAllowed):
            door(colleague)
    assert organisation_for(colleague, organisation.pk) == organisation


def test_a_switched_off_login_is_a_stranger(organisation: Organisation, requester: User) -> None:
    requester.is_active = False
    requester.save()
    with pytest.raises(NotFound):
        organisation_for(requester, organisation.pk)


def test_an_invitation_is_mailed_and_works_once(
    organisation: Organisation, requester: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invitation, token = invitations.invite(
            actor=requester, organisation_id=organisation.pk, email="new@example.org", role=Role.OWNER
        )
    assert mail.outbox[0].to == ["new@example.org"]
    assert f"/invitations/{token}/" in mail.outbox[0].body
    assert token not in str(Invitation.objects.values().get())
    newcomer, latecomer = make.make_user(), make.make_user()
    assert invitations.describe(token, now=clock.now()).organisation == organisation
    member = invitations.accept(user=newcomer, token=token)
    assert member.role == Role.OWNER
    assert invitations.accept(user=newcomer, token=token) == member
    with pytest.raises(SpentInvitation):
        invitations.accept(user=latecomer, token=token)
    with pytest.raises(SpentInvitation):
        invitations.describe(token, now=clock.now())
    assert not queries.open_invitations(organisation).exists()
    invitation.refresh_from_db()
    assert invitation.accepted_by == newcomer


def test_an_invitation_grows_old(organisation: Organisation, requester: User, stranger: User) -> None:
    _invitation, token = invitations.invite(actor=requester, organisation_id=organisation.pk, email="late@example.org")
    clock.advance(invitations.GOOD_FOR - timedelta(seconds=1))
    invitations.describe(token, now=clock.now())
    clock.advance(timedelta(seconds=1))
    with pytest.raises(SpentInvitation):
        invitations.accept(user=stranger, token=token)
    assert not Membership.objects.filter(user=stranger, organisation=organisation).exists()


def test_an_invitation_can_be_withdrawn(organisation: Organisation, requester: User, stranger: User) -> None:
    invitation, token = invitations.invite(actor=requester, organisation_id=organisation.pk, email="new@example.org")
    invitations.revoke(actor=requester, organisation_id=organisation.pk, invitation_id=invitation.pk)
    for lost in (token, "made-up"):
        with pytest.raises(UnknownInvitation):
            invitations.accept(user=stranger, token=lost)
    with pytest.raises(NotFound):
        invitations.revoke(actor=requester, organisation_id=organisation.pk, invitation_id=invitation.pk)


def test_who_was_an_owner_left_no_way_back_in(organisation: Organisation, requester: User, stranger: User) -> None:
    """He may have sent himself, or a friend, an invitation as an owner before he was shown the door."""
    here, fired = organisation.pk, make.make_user()
    Membership.objects.create(organisation=organisation, user=fired, role=Role.OWNER)

    def sent(by: User) -> str:
        return invitations.invite(actor=by, organisation_id=here, email="friend@example.org", role=Role.OWNER)[1]

    before, theirs = sent(fired), sent(requester)
    organisations.change_role(actor=requester, organisation_id=here, user_id=fired.pk, role=Role.MEMBER)
    organisations.change_role(actor=requester, organisation_id=here, user_id=fired.pk, role=Role.OWNER)
    later = sent(fired)
    organisations.remove_member(actor=requester, organisation_id=here, user_id=fired.pk)
    for token in (before, later):
        with pytest.raises(UnknownInvitation):
            invitations.accept(user=fired, token=token)
    assert invitations.accept(user=stranger, token=theirs).role == Role.OWNER


def test_who_is_in_needs_no_invitation(organisation: Organisation, requester: User, colleague: User) -> None:
    with pytest.raises(AlreadyMember):
        invitations.invite(actor=requester, organisation_id=organisation.pk, email=colleague.email.upper())
    invitation, token = invitations.invite(
        actor=requester, organisation_id=organisation.pk, email="somebody@example.org"
    )
    with pytest.raises(AlreadyMember):
        invitations.accept(user=colleague, token=token)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None  # still good for whom it was meant


@pytest.mark.parametrize(("email", "role", "place"), [("nobody", "member", "email"), ("a@b.org", "boss", "role")])
def test_a_bad_invitation_is_refused(
    organisation: Organisation, requester: User, email: str, role: str, place: str
) -> None:
    with pytest.raises(BadInput) as refused:
        invitations.invite(actor=requester, organisation_id=organisation.pk, email=email, role=role)
    assert list(refused.value.data["errors"]) == [place]


def test_owners_make_owners_but_one_stays(organisation: Organisation, requester: User, colleague: User) -> None:
    here = organisation.pk
    with pytest.raises(LastOwner):
        organisations.change_role(actor=requester, organisation_id=here, user_id=requester.pk, role=Role.MEMBER)
    with pytest.raises(LastOwner):
        organisations.remove_member(actor=requester, organisation_id=here, user_id=requester.pk)
    organisations.change_role(actor=requester, organisation_id=here, user_id=colleague.pk, role=Role.OWNER)
    organisations.remove_member(actor=requester, organisation_id=here, user_id=requester.pk)
    with pytest.raises(NotFound):
        organisation_for(requester, here)
    with pytest.raises(LastOwner):
        organisations.change_role(actor=colleague, organisation_id=here, user_id=colleague.pk, role=Role.MEMBER)


def test_a_member_may_leave(organisation: Organisation, colleague: User) -> None:
    organisations.remove_member(actor=colleague, organisation_id=organisation.pk, user_id=colleague.pk)
    assert not organisation.memberships.filter(user=colleague).exists()


def test_who_is_no_member_has_no_role(organisation: Organisation, requester: User, stranger: User) -> None:
    with pytest.raises(NotFound):
        organisations.remove_member(actor=requester, organisation_id=organisation.pk, user_id=stranger.pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_with_one_link_one_gets_in() -> None:
    owner = make.make_user()
    organisation = make.make_organisation(owner=owner)
    _invitation, token = invitations.invite(actor=owner, organisation_id=organisation.pk, email="new@example.org")
    outcomes = together(_accepting(token), _accepting(token))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Membership", "SpentInvitation"]
    assert Membership.objects.filter(organisation=organisation).count() == 2


@pytest.mark.django_db
def test_who_closed_his_account_meanwhile_gets_in_nowhere(organisation: Organisation, requester: User) -> None:
    _invitation, token = invitations.invite(actor=requester, organisation_id=organisation.pk, email="new@example.org")
    accept = _accepting(token)  # with what was read of him at the beginning of his request
    User.objects.exclude(pk=requester.pk).update(closed_at=clock.now())
    with pytest.raises(AccountClosed):
        accept()
    assert Membership.objects.get(organisation=organisation).user == requester


@pytest.mark.django_db(transaction=True)
def test_control_without_compare_and_set_both_get_in(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make.make_user()
    organisation = make.make_organisation(owner=owner)
    _invitation, token = invitations.invite(actor=owner, organisation_id=organisation.pk, email="new@example.org")
    monkeypatch.setattr(invitations, "_spend", lambda invitation, user, now: None)
    together(_accepting(token), _accepting(token))
    assert Membership.objects.filter(organisation=organisation).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_leave_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation, owners = _two_owners()
    monkeypatch.setattr(organisations, "_keep_an_owner", meeting(organisations._keep_an_owner))
    outcomes = together(*[_leaving(organisation, owner) for owner in owners])
    assert [isinstance(outcome, LastOwner) for outcome in outcomes].count(True) == 1
    assert Membership.objects.filter(organisation=organisation).count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_both_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation, owners = _two_owners()
    monkeypatch.setattr(organisations, "_keep_an_owner", meeting(organisations._keep_an_owner))
    monkeypatch.setattr(organisations, "lock", lambda organisation: organisation)
    together(*[_leaving(organisation, owner) for owner in owners])
    assert not Membership.objects.filter(organisation=organisation).exists()


def _accepting(token: str) -> Callable[[], Membership]:
    user = make.make_user()
    return lambda: invitations.accept(user=user, token=token)


def _two_owners() -> tuple[Organisation, list[User]]:
    owners = [make.make_user(), make.make_user()]
    organisation = make.make_organisation(owner=owners[0])
    Membership.objects.create(organisation=organisation, user=owners[1], role=Role.OWNER)
    return organisation, owners


def _leaving(organisation: Organisation, owner: User) -> Callable[[], None]:
    return lambda: organisations.remove_member(actor=owner, organisation_id=organisation.pk, user_id=owner.pk)
