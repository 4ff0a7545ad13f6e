"""Asking for a qualification: at once, by decision, and by a document that staff verify."""

from datetime import timedelta

import pytest

from crowd.kernel import clock, crypto
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.transitions import WrongState
from crowd.notices.models import Notice
from crowd.users.models import AuditEntry, Organisation, User
from crowd.users.services import person_keys
from qualifications import jobs, queries
from qualifications.access import managed_qualification
from qualifications.errors import NotNow
from qualifications.models import Grant, GrantRequest, Qualification
from qualifications.services import catalogue, grants, requests
from tests import check, make
from tests.races import meeting, together
from workers.models import Worker

PDF = b"%PDF-1.7 licence to nurse"
YEAR = timedelta(days=365)


@pytest.fixture
def nurse(staff: User) -> Qualification:
    return catalogue.create(actor=staff, organisation_id=None, name="Nurse", asking="document")


@pytest.fixture
def birds(requester: User, organisation: Organisation) -> Qualification:
    return catalogue.create(actor=requester, organisation_id=organisation.pk, name="Birds", asking="decided")


def told(worker: Worker) -> list[str]:
    return list(Notice.objects.filter(user=worker.user).order_by("pk").values_list("kind", flat=True))


def test_asked_decided_and_told(requester: User, stranger: User, worker: Worker, birds: Qualification) -> None:
    asked = requests.ask(user=worker.user, qualification_id=birds.pk, message="I watch birds.")
    assert requests.ask(user=worker.user, qualification_id=birds.pk, message="Please!").pk == asked.pk
    with pytest.raises(NotFound):
        requests.grant_request(actor=stranger, request_id=asked.pk)
    with pytest.raises(BadInput):
        requests.refuse_request(actor=requester, request_id=asked.pk, reason=" ")
    requests.refuse_request(actor=requester, request_id=asked.pk, reason="Which ones?")
    with pytest.raises(WrongState):
        requests.grant_request(actor=requester, request_id=asked.pk)
    with pytest.raises(NotNow) as refused:
        requests.ask(user=worker.user, qualification_id=birds.pk)
    clock.advance(refused.value.data["retry_at"] - clock.now())
    again = requests.ask(user=worker.user, qualification_id=birds.pk, message="Gulls.")
    requests.grant_request(actor=requester, request_id=again.pk, value=80)
    assert [one.value for one in queries.held_by(worker, now=clock.now())] == [80]
    assert told(worker) == ["qualification_refused", "qualification_granted"]
    with pytest.raises(NotNow):
        requests.ask(user=worker.user, qualification_id=birds.pk)
    check.all_is_well()


def test_granted_at_once_as_on_mechanical_turk(requester: User, worker: Worker, organisation: Organisation) -> None:
    open_to_all = catalogue.create(
        actor=requester, organisation_id=organisation.pk, name="Read it", asking="at_once", auto_value=7, valid_days=10
    )
    asked = requests.ask(user=worker.user, qualification_id=open_to_all.pk)
    held = Grant.objects.get()
    assert (asked.state, held.value, held.expires_at) == ("granted", 7, held.granted_at + timedelta(days=10))
    worker.refresh_from_db()
    assert worker.eligibility_version == 1


def test_a_document_is_read_by_staff_alone_and_forgotten(
    staff: User, requester: User, worker: Worker, nurse: Qualification
) -> None:
    for document in (None, b"MZ\x90 a program", PDF + b"x" * requests.MAX_DOCUMENT):
        with pytest.raises(BadInput) as refused:
            requests.ask(user=worker.user, qualification_id=nurse.pk, document=document)
        assert list(refused.value.data["errors"]) == ["document"]
    asked = requests.ask(user=worker.user, qualification_id=nurse.pk, document=PDF)
    assert PDF not in bytes(GrantRequest.objects.get().document or b"")
    with pytest.raises(NotAllowed):
        requests.document_of(actor=requester, request_id=asked.pk)
    assert requests.document_of(actor=staff, request_id=asked.pk) == (PDF, "application/pdf")
    assert AuditEntry.objects.get(action="read_document").actor == staff
    with pytest.raises(BadInput) as refused:  # a credential has an end
        requests.grant_request(actor=staff, request_id=asked.pk)
    assert list(refused.value.data["errors"]) == ["expires_at"]
    with pytest.raises(BadInput):
        grants.grant(actor=staff, qualification_id=nurse.pk, worker=f"#{worker.pk}")
    requests.grant_request(actor=staff, request_id=asked.pk, expires_at=clock.now() + YEAR)
    assert queries.held_by(worker, now=clock.now()).get().qualification == nurse
    assert not queries.waiting_for_staff().exists()
    assert jobs.forget_documents() == 0
    clock.advance(requests.KEPT + timedelta(seconds=1))
    assert jobs.forget_documents() == 1
    with pytest.raises(NotFound):
        requests.document_of(actor=staff, request_id=asked.pk)
    check.all_is_well()


def test_a_document_dies_with_the_account_or_the_request(staff: User, worker: Worker, nurse: Qualification) -> None:
    first = requests.ask(user=worker.user, qualification_id=nurse.pk, document=PDF)
    requests.withdraw(user=worker.user, request_id=first.pk)
    assert GrantRequest.objects.get().document is None
    second = requests.ask(user=worker.user, qualification_id=nurse.pk, document=PDF)
    person_keys.destroy(worker.user, now=clock.now())
    with pytest.raises(crypto.Unreadable):
        requests.document_of(actor=staff, request_id=second.pk)


def test_nobody_decides_about_himself_or_wants_documents_for_his_organisation(
    staff: User, requester: User, organisation: Organisation, nurse: Qualification
) -> None:
    himself = make.make_worker(user=staff)
    asked = requests.ask(user=himself.user, qualification_id=nurse.pk, document=PDF)
    with pytest.raises(NotAllowed):
        requests.grant_request(actor=staff, request_id=asked.pk, expires_at=clock.now() + YEAR)
    with pytest.raises(BadInput):
        catalogue.create(actor=requester, organisation_id=organisation.pk, name="Doctor", asking="document")


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_decide_once(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, other = make.make_user(), make.make_user()
    organisation = make.make_organisation(owner=owner, members=(other,))
    worker = make.make_worker()
    birds = catalogue.create(actor=owner, organisation_id=organisation.pk, name="Birds", asking="decided")
    asked = requests.ask(user=worker.user, qualification_id=birds.pk)
    monkeypatch.setattr(requests, "managed_qualification", meeting(managed_qualification))
    outcomes = together(
        lambda: requests.grant_request(actor=owner, request_id=asked.pk),
        lambda: requests.refuse_request(actor=other, request_id=asked.pk, reason="No."),
    )
    assert [type(one).__name__ for one in outcomes if isinstance(one, Exception)] == ["WrongState"]
    assert Grant.objects.exists() is (GrantRequest.objects.get().state == "granted")
