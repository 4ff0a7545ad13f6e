"""Closing an account stops work at once; erasing takes the person out of it, once nothing is left."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from crowd.kernel import clock, crypto
from crowd.kernel.errors import NotAllowed
from crowd.users import queries as user_queries
from crowd.users.errors import LastOwner, SomethingLeft
from crowd.users.models import AuditEntry, Invitation, Membership, Organisation, User
from crowd.users.services import api_keys, audit, invitations, organisations, person_keys
from crowd.users.states import KeyPurpose
from tests import make
from workers import queries
from workers.models import PayoutProfile, Worker
from workers.services import accounts, profile
from workers.states import WorkerState


def nothing_left(user: User) -> None:
    """The answer of the layers that know money and work: there is none."""


def still_something(user: User) -> None:
    raise SomethingLeft


def test_closing_stops_work_but_not_signing_in(worker: Worker, client: Client) -> None:
    _key, secret = api_keys.create(user=worker.user, name="a", scopes=["work"])
    for _again in range(2):
        accounts.close_account(user=worker.user)
    worker.refresh_from_db()
    assert (worker.state, worker.eligibility_version) == (WorkerState.CLOSED, 1)
    assert api_keys.authenticate(secret) is None
    assert client.login(email=worker.user.email, password="correct horse")
    assert AuditEntry.objects.filter(action="close_account").count() == 1


def test_nothing_is_erased_while_something_is_left(worker: Worker) -> None:
    with pytest.raises(SomethingLeft):
        accounts.erase(actor=worker.user, user=worker.user, nothing_left=still_something)
    user = User.objects.get(pk=worker.user_id)
    assert user.erased_at is None
    assert user.email == "worker@example.org"


def test_erasing_leaves_a_number_and_nothing_of_the_person(worker: Worker, client: Client, requester: User) -> None:
    user = worker.user
    User.objects.filter(pk=user.pk).update(name="Wanda Worker")
    profile.update_profile(user=user, country="AT", subdivision="AT-9", languages=["de"])
    entry = AuditEntry.objects.get(action="move")
    make.make_payout_profile(worker)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    _invite_by_address(requester, user)
    client.force_login(user)
    accounts.erase(actor=user, user=user, nothing_left=nothing_left)

    stored = f"{User.objects.values()}{Worker.objects.values()}{Invitation.objects.values()}"
    for trace in ("Wanda", "worker@example.org", "AT-9", "'de'"):
        assert trace not in stored
    assert not EmailAddress.objects.exists()
    assert not PayoutProfile.objects.exists()
    with pytest.raises(crypto.Unreadable):
        audit.unsealed(entry.after["locale"])
    assert client.get("/accounts/email/").status_code == 302  # signed out everywhere
    assert not Client().login(email="worker@example.org", password="correct horse")
    worker.refresh_from_db()
    assert worker.state == WorkerState.CLOSED


def test_an_erased_persons_invitation_is_good_for_nobody(worker: Worker, requester: User, stranger: User) -> None:
    token = _invite_by_address(requester, worker.user)
    accounts.erase(actor=worker.user, user=worker.user, nothing_left=nothing_left)
    with pytest.raises(Exception, match="withdrawn"):
        invitations.accept(user=stranger, token=token)


def test_records_of_payouts_are_kept_for_their_time(worker: Worker) -> None:
    secret = crypto.encrypt(person_keys.wrapped_key(worker.user, KeyPurpose.PAYOUTS), "IBAN")
    until = clock.now() + timedelta(days=3650)
    accounts.erase(actor=worker.user, user=worker.user, nothing_left=nothing_left, keep_payouts_until=until)
    assert crypto.decrypt(person_keys.wrapped_key(worker.user, KeyPurpose.PAYOUTS), secret) == "IBAN"
    with pytest.raises(crypto.Unreadable):
        person_keys.wrapped_key(worker.user)
    assert person_keys.destroy_due(now=until) == 1


def test_he_himself_or_staff_erase_him(worker: Worker, stranger: User, staff: User) -> None:
    with pytest.raises(NotAllowed):
        accounts.erase(actor=stranger, user=worker.user, nothing_left=nothing_left)
    for _again in range(2):
        accounts.erase(actor=staff, user=worker.user, nothing_left=nothing_left)
    assert AuditEntry.objects.filter(action="erase", actor=staff).count() == 1


def test_who_others_depend_on_passes_ownership_on_first(
    requester: User, colleague: User, organisation: Organisation
) -> None:
    with pytest.raises(LastOwner):
        accounts.erase(actor=requester, user=requester, nothing_left=nothing_left)
    assert Membership.objects.filter(user=requester).exists()
    organisations.change_role(actor=requester, organisation_id=organisation.pk, user_id=colleague.pk, role="owner")
    accounts.erase(actor=requester, user=requester, nothing_left=nothing_left)
    assert not Membership.objects.filter(user=requester).exists()


def test_a_lonely_owner_leaves_an_empty_house(requester: User, organisation: Organisation) -> None:
    accounts.erase(actor=requester, user=requester, nothing_left=nothing_left)
    assert not organisation.memberships.exists()


def test_two_people_can_be_erased(worker: Worker, other_worker: Worker) -> None:
    for one in (worker, other_worker):
        accounts.erase(actor=one.user, user=one.user, nothing_left=nothing_left)
    assert User.objects.exclude(erased_at=None).count() == 2


def test_a_person_gets_a_copy_of_his_data(worker: Worker, organisation: Organisation) -> None:
    mine = user_queries.my_data(worker.user) | queries.my_data(worker.user)
    assert mine["account"]["email"] == "worker@example.org"
    assert mine["worker"]["country"] == "DE"
    assert queries.my_data(make.make_user()) == {}


def _invite_by_address(owner: User, invited: User) -> str:
    house = organisations.create_organisation(actor=owner, name="House")
    _invitation, token = invitations.invite(actor=owner, organisation_id=house.pk, email=invited.email)
    return token
