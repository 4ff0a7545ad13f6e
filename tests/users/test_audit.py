"""The audit log: it is only added to, it is read by pages, and it keeps no personal value in clear."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from crowd.kernel import clock, crypto
from crowd.users import queries
from crowd.users.models import AuditEntry, Organisation, PersonKey, User
from crowd.users.services import audit, person_keys
from crowd.users.states import KeyPurpose
from tests import make
from tests.races import together


def test_an_entry_says_who_what_before_after_and_why(requester: User, organisation: Organisation) -> None:
    now = clock.now()
    audit.record(
        actor=requester,
        action="raise",
        subject=organisation,
        organisation=organisation,
        now=now,
        before={"rate": Decimal("0.20")},
        after={"at": now},
        reason="Costs rose",
    )
    entry = AuditEntry.objects.get()
    assert (entry.at, entry.actor, entry.action, entry.reason) == (now, requester, "raise", "Costs rose")
    assert (entry.subject_type, entry.subject_id) == ("users.organisation", organisation.pk)
    assert entry.before == {"rate": "0.20"}


def test_entries_are_never_changed_or_deleted(organisation: Organisation) -> None:
    audit.record(actor=None, action="do", subject=organisation, now=clock.now())
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        AuditEntry.objects.update(action="undo")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        AuditEntry.objects.all().delete()
    assert AuditEntry.objects.get().action == "do"


def test_an_undone_deed_leaves_no_entry(organisation: Organisation) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(actor=None, action="do", subject=organisation, now=clock.now())
        _ = 1 / 0
    assert not AuditEntry.objects.exists()


def test_pages_go_from_new_to_old_without_gap(organisation: Organisation, staff: User) -> None:
    for number in range(5):
        audit.record(actor=None, action=f"do{number}", subject=organisation, organisation=organisation, now=clock.now())
    audit.record(actor=None, action="other", subject=staff, now=clock.now())
    seen: list[str] = []
    cursor = None
    while True:
        page = queries.audit_of_organisation(organisation, before=cursor, limit=2)
        seen += [entry.action for entry in page.entries]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ["do4", "do3", "do2", "do1", "do0"]


def test_an_organisation_learns_names_of_its_members_only(
    organisation: Organisation, requester: User, staff: User
) -> None:
    for actor in (requester, staff, None):
        audit.record(actor=actor, action="do", subject=organisation, organisation=organisation, now=clock.now())
    entries = queries.audit_of_organisation(organisation).entries
    assert queries.audit_actors(organisation, entries) == {requester.pk: "Rita Requester"}


def test_a_personal_value_is_sealed_until_its_key_is_destroyed(requester: User) -> None:
    value = audit.sealed(requester, "12 Main Street")
    audit.record(actor=None, action="move", subject=requester, now=clock.now(), after={"address": value})
    entry = AuditEntry.objects.get()
    assert "Main Street" not in str(entry.after)
    assert audit.unsealed(entry.after["address"]) == "12 Main Street"
    person_keys.destroy(requester, now=clock.now())
    with pytest.raises(crypto.Unreadable):
        audit.unsealed(entry.after["address"])
    with pytest.raises(crypto.Unreadable):  # and no new key is made in its place
        audit.sealed(requester, "elsewhere")


def test_every_person_has_keys_of_his_own(requester: User, stranger: User) -> None:
    keys = {person_keys.wrapped_key(requester), person_keys.wrapped_key(stranger)}
    keys.add(person_keys.wrapped_key(requester, KeyPurpose.PAYOUTS))
    assert len(keys) == 3
    assert person_keys.wrapped_key(requester) in keys
    secret = crypto.encrypt(person_keys.wrapped_key(requester), "mine")
    with pytest.raises(crypto.Unreadable):
        crypto.decrypt(person_keys.wrapped_key(stranger), secret)


def test_records_of_payouts_outlive_the_person_for_a_stated_time(requester: User) -> None:
    secret = crypto.encrypt(person_keys.wrapped_key(requester, KeyPurpose.PAYOUTS), "IBAN")
    now = clock.now()
    person_keys.destroy(requester, now=now, keep_payouts_until=now + timedelta(days=10))
    assert crypto.decrypt(person_keys.wrapped_key(requester, KeyPurpose.PAYOUTS), secret) == "IBAN"
    assert person_keys.destroy_due(now=now + timedelta(days=9)) == 0
    assert person_keys.destroy_due(now=now + timedelta(days=10)) == 1
    assert person_keys.destroy_due(now=now + timedelta(days=11)) == 0
    assert not PersonKey.objects.exclude(wrapped_key=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_the_same_key() -> None:
    user = make.make_user()
    first, second = together(lambda: person_keys.wrapped_key(user), lambda: person_keys.wrapped_key(user))
    assert first == second
