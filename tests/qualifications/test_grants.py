"""Making qualifications, granting and revoking them, one by one and by CSV."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.transitions import WrongState
from crowd.notices.models import Notice
from crowd.users.models import AuditEntry, Organisation, User
from qualifications import queries
from qualifications.access import managed_qualification, qualification_for, usable_by
from qualifications.errors import BadRows, NameTaken, SystemQualification
from qualifications.jobs import tell_endings
from qualifications.models import Grant, Qualification
from qualifications.services import catalogue, grants
from qualifications.services.catalogue import Edit
from qualifications.services.grant_files import BadRow, grant_from_csv
from qualifications.states import GrantState, System
from tests import make
from tests.races import meeting, together
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for


@pytest.fixture
def spanish(requester: User, organisation: Organisation) -> Qualification:
    return catalogue.create(actor=requester, organisation_id=organisation.pk, name="Spanish", public=False)


@pytest.fixture
def trusted(staff: User) -> Qualification:
    """One of the site."""
    return catalogue.create(actor=staff, organisation_id=None, name="Trusted")


@pytest.fixture
def code(organisation: Organisation, worker: Worker) -> str:
    return pseudonym_for(organisation, worker)


def test_names_are_an_organisations_own(requester: User, organisation: Organisation, spanish: Qualification) -> None:
    elsewhere = make.make_organisation(owner=requester)
    assert catalogue.create(actor=requester, organisation_id=elsewhere.pk, name="Spanish").name == spanish.name
    with pytest.raises(NameTaken):
        catalogue.create(actor=requester, organisation_id=organisation.pk, name=" Spanish ")
    french = catalogue.create(actor=requester, organisation_id=organisation.pk, name="French")
    with pytest.raises(NameTaken):
        catalogue.edit(actor=requester, qualification_id=french.pk, changes=Edit(name="Spanish"))


def test_an_edit_changes_what_it_names_and_is_logged(requester: User, spanish: Qualification) -> None:
    catalogue.edit(actor=requester, qualification_id=spanish.pk, changes=Edit(description="¿Sí?", active=False))
    spanish.refresh_from_db()
    assert (spanish.name, spanish.description, spanish.active, spanish.public) == ("Spanish", "¿Sí?", False, False)
    entry = AuditEntry.objects.get(action="edit")
    assert (entry.before, entry.after) == (
        {"description": "", "active": True},
        {"description": "¿Sí?", "active": False},
    )


@pytest.mark.parametrize(
    ("changes", "place"), [(Edit(name=" "), "name"), (Edit(description="x" * 5001), "description")]
)
def test_a_bad_text_is_refused(requester: User, spanish: Qualification, changes: Edit, place: str) -> None:
    with pytest.raises(BadInput) as refused:
        catalogue.edit(actor=requester, qualification_id=spanish.pk, changes=changes)
    assert list(refused.value.data["errors"]) == [place]


def test_who_comes_through_which_door(
    stranger: User,
    requester: User,
    staff: User,
    worker: Worker,
    spanish: Qualification,
    trusted: Qualification,
    code: str,
) -> None:
    locale = make.system_qualification(System.LOCALE)
    doors: list[tuple[type[Exception], Callable[[], Any]]] = [
        (NotFound, lambda: qualification_for(stranger, spanish.pk)),
        (NotFound, lambda: qualification_for(worker.user, spanish.pk)),
        (NotFound, lambda: grants.grant(actor=stranger, qualification_id=spanish.pk, worker=code)),
        (NotFound, lambda: grants.revoke(actor=stranger, qualification_id=spanish.pk, worker=code, reason="x")),
        (NotFound, lambda: grant_from_csv(actor=stranger, qualification_id=spanish.pk, data=b"worker\n")),
        (NotFound, lambda: catalogue.edit(actor=stranger, qualification_id=spanish.pk, changes=Edit(name="x"))),
        (NotAllowed, lambda: managed_qualification(requester, trusted.pk)),
        (NotAllowed, lambda: catalogue.create(actor=requester, organisation_id=None, name="x")),
        (SystemQualification, lambda: managed_qualification(staff, locale.pk)),
    ]
    for error, door in doors:
        with pytest.raises(error):
            door()
    assert qualification_for(stranger, trusted.pk) == trusted
    assert managed_qualification(staff, spanish.pk) == spanish


def test_a_public_one_is_seen_but_not_managed_by_others(
    requester: User, stranger: User, spanish: Qualification
) -> None:
    catalogue.edit(actor=requester, qualification_id=spanish.pk, changes=Edit(public=True))
    assert qualification_for(stranger, spanish.pk) == spanish
    with pytest.raises(NotFound):
        managed_qualification(stranger, spanish.pk)
    with pytest.raises(NotFound):
        usable_by(stranger.organisations.get(), [spanish.pk])


def test_a_project_may_ask_for_its_own_and_the_sites(
    organisation: Organisation, spanish: Qualification, trusted: Qualification
) -> None:
    locale = make.system_qualification(System.LOCALE)
    assert set(usable_by(organisation, [spanish.pk, trusted.pk, locale.pk])) == {spanish.pk, trusted.pk, locale.pk}
    with pytest.raises(NotFound) as refused:
        usable_by(organisation, [spanish.pk, 0])
    assert refused.value.data["missing"] == [0]


def test_a_requester_grants_by_pseudonym_and_takes_it_back(
    requester: User, worker: Worker, spanish: Qualification, code: str
) -> None:
    ends = clock.now() + timedelta(days=1)
    grants.grant(actor=requester, qualification_id=spanish.pk, worker=code.lower(), value=80, expires_at=ends)
    assert [one.value for one in queries.held_by(worker, now=clock.now())] == [80]
    assert not queries.held_by(worker, now=ends).exists()
    grants.grant(actor=requester, qualification_id=spanish.pk, worker=code, value=90, reason="improved")
    grants.revoke(actor=requester, qualification_id=spanish.pk, worker=code, reason="cheated")
    held = Grant.objects.get()
    assert (held.state, held.value, held.reason, held.expires_at) == (GrantState.REVOKED, 90, "cheated", None)
    assert not queries.held_by(worker, now=clock.now()).exists()
    with pytest.raises(WrongState):
        grants.revoke(actor=requester, qualification_id=spanish.pk, worker=code, reason="again")
    grants.grant(actor=requester, qualification_id=spanish.pk, worker=code, value=70)
    assert [one.value for one in queries.held_by(worker, now=clock.now())] == [70]
    worker.refresh_from_db()
    assert worker.eligibility_version == 4
    entries = AuditEntry.objects.filter(subject_type="qualifications.grant").order_by("pk")
    assert [(one.action, one.before.get("value"), one.after["value"]) for one in entries] == [
        ("grant", None, 80),
        ("grant", 80, 90),
        ("revoke", 90, 90),
        ("grant", 90, 70),
    ]


def test_staff_name_workers_by_address_or_number(staff: User, worker: Worker, trusted: Qualification) -> None:
    for reference in ("WORKER@example.org", f"#{worker.pk}"):
        assert grants.grant(actor=staff, qualification_id=trusted.pk, worker=reference).worker == worker
    for reference in ("nobody@example.org", "#0", "#x", "Axyz"):
        with pytest.raises(NotFound):
            grants.grant(actor=staff, qualification_id=trusted.pk, worker=reference)


def test_requesters_find_nobody_by_address_or_number(
    requester: User, worker: Worker, spanish: Qualification, stranger: User
) -> None:
    foreign = pseudonym_for(stranger.organisations.get(), worker)
    for reference in (worker.user.email, f"#{worker.pk}", foreign):
        with pytest.raises(NotFound):
            grants.grant(actor=requester, qualification_id=spanish.pk, worker=reference)


def test_nobody_grants_himself(staff: User, trusted: Qualification) -> None:
    himself = make.make_worker(user=staff)
    with pytest.raises(NotAllowed):
        grants.grant(actor=staff, qualification_id=trusted.pk, worker=f"#{himself.pk}")
    with pytest.raises(BadRows):
        grant_from_csv(actor=staff, qualification_id=trusted.pk, data=f"worker\n#{himself.pk}\n".encode())


@pytest.mark.parametrize(
    ("fields", "place"),
    [({"value": 101}, "value"), ({"value": -1}, "value"), ({"reason": "x" * 2001}, "reason")],
)
def test_a_bad_grant_is_refused(
    requester: User, spanish: Qualification, code: str, fields: dict[str, Any], place: str
) -> None:
    with pytest.raises(BadInput) as refused:
        grants.grant(actor=requester, qualification_id=spanish.pk, worker=code, **fields)
    assert list(refused.value.data["errors"]) == [place]
    with pytest.raises(BadInput):
        grants.grant(actor=requester, qualification_id=spanish.pk, worker=code, expires_at=clock.now())
    assert not Grant.objects.exists()


def test_a_file_grants_to_many(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker, spanish: Qualification, code: str
) -> None:
    other = pseudonym_for(organisation, other_worker)
    grants.grant(actor=requester, qualification_id=spanish.pk, worker=code, value=10)
    data = f'worker,value,reason\r\n {code.lower()} ,80,\r\n{other},,"fluent, native"\r\n'.encode("utf-8-sig")
    report = grant_from_csv(actor=requester, qualification_id=spanish.pk, data=data)
    assert (report.granted, report.bad) == (2, ())
    assert dict(Grant.objects.values_list("worker", "value")) == {worker.pk: 80, other_worker.pk: 100}
    assert Grant.objects.get(worker=other_worker).reason == "fluent, native"
    assert AuditEntry.objects.filter(action="grant").count() == 3
    other_worker.refresh_from_db()
    assert other_worker.eligibility_version == 1


def test_every_bad_row_is_named_and_nothing_is_half_done(
    requester: User, organisation: Organisation, worker: Worker, spanish: Qualification, code: str
) -> None:
    data = (
        f"worker,value\n{code},50\nAnobody,50\n{worker.user.email},50\n{code},60\n{code},5x\n{code},1,2\n{code},101\n"
    )
    bad = [
        (3, "worker", "There is no worker “Anobody”."),
        (4, "worker", "There is no worker “worker@example.org”."),
        (5, "worker", "This worker stands in an earlier row already."),
        (6, "value", "A value is a whole number from 0 to 100."),
        (7, "", None),
        (8, "value", "A value is a whole number from 0 to 100."),
    ]
    with pytest.raises(BadRows) as refused:
        grant_from_csv(actor=requester, qualification_id=spanish.pk, data=data.encode())
    told = refused.value.data["rows"]
    assert [(row["row"], row["column"]) for row in told] == [(row, column) for row, column, _reason in bad]
    assert all(reason in (row["reason"], None) for row, (_n, _c, reason) in zip(told, bad, strict=True))
    assert not Grant.objects.exists()

    report = grant_from_csv(actor=requester, qualification_id=spanish.pk, data=data.encode(), skip_bad_rows=True)
    assert report.granted == 1
    assert len(report.bad) == 6
    assert report.bad[0] == BadRow(*bad[0])  # type: ignore[arg-type]
    assert Grant.objects.get().value == 50


def test_staff_grant_by_file_with_addresses(
    staff: User, worker: Worker, other_worker: Worker, trusted: Qualification
) -> None:
    data = f"value,worker\n7,Worker@Example.org\n8,#{other_worker.pk}\n".encode()
    assert grant_from_csv(actor=staff, qualification_id=trusted.pk, data=data).granted == 2
    assert dict(Grant.objects.values_list("worker", "value")) == {worker.pk: 7, other_worker.pk: 8}


@pytest.mark.parametrize(
    "data", [b"", b"name,value\na,1\n", b"worker,colour\na,red\n", b"worker\n\xff\xfe\n", b"worker,worker\na,b\n"]
)
def test_a_file_that_is_none_is_refused(requester: User, spanish: Qualification, data: bytes) -> None:
    with pytest.raises(BadInput):
        grant_from_csv(actor=requester, qualification_id=spanish.pk, data=data)


def test_workers_browse_what_is_public(
    requester: User, spanish: Qualification, trusted: Qualification, organisation: Organisation
) -> None:
    make.system_qualification(System.LOCALE)
    assert [(one.name, one.has_test) for one in queries.listed()] == [("Trusted", False)]  # type: ignore[attr-defined]
    assert {spanish, trusted} <= set(queries.usable(organisation))


@pytest.mark.django_db(transaction=True)
def test_two_grants_at_once_make_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = together(*_two_grants())
    assert [one for one in outcomes if not isinstance(one, Grant)] == []
    assert Grant.objects.count() == 1
    assert AuditEntry.objects.filter(action="grant", before={}).count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_workers_lock_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "bump", lambda worker_ids: list(worker_ids))
    monkeypatch.setattr(grants, "_write", meeting(grants._write))
    outcomes = together(*_two_grants())
    assert len([one for one in outcomes if isinstance(one, Grant)]) == 1


def _two_grants() -> list[Callable[[], Grant]]:
    owner = make.make_user()
    organisation = make.make_organisation(owner=owner)
    wanted = make.make_qualification(organisation=organisation)
    code = pseudonym_for(organisation, make.make_worker())
    return [lambda: grants.grant(actor=owner, qualification_id=wanted.pk, worker=code)] * 2


@pytest.mark.django_db
class TestEndings:
    """A grant that ends is told of once while it can be renewed: in its last two weeks, or half of a shorter time."""

    def until(self, qualification: Qualification, worker: Worker, days: int) -> Grant:
        now = clock.now()
        award = grants.Award(worker_id=worker.pk, expires_at=now + timedelta(days=days))
        with transaction.atomic():
            return grants.award_many(qualification, [award], actor=None, now=now)[0]

    def told(self) -> int:
        return Notice.objects.filter(kind="qualification_ends").count()

    def test_once_for_each_end(self, trusted: Qualification, spanish: Qualification, worker: Worker) -> None:
        self.until(trusted, worker, 100)
        short = self.until(spanish, worker, 6)
        assert (tell_endings(), short.ends_soon(clock.now())) == (0, False)
        clock.advance(timedelta(days=4))
        assert (tell_endings(), tell_endings(), short.ends_soon(clock.now())) == (1, 0, True)
        clock.advance(timedelta(days=83))
        assert (tell_endings(), tell_endings(), self.told()) == (1, 0, 2)  # the short one has ended meanwhile
        assert Notice.objects.latest("pk").data["name"] == trusted.name
        self.until(trusted, worker, 30)
        assert tell_endings() == 0
        clock.advance(timedelta(days=20))
        assert (tell_endings(), self.told()) == (1, 3)


@pytest.mark.django_db(transaction=True)
def test_two_jobs_tell_of_an_end_once(trusted: Qualification, worker: Worker) -> None:
    TestEndings().until(trusted, worker, 10)
    clock.advance(timedelta(days=6))
    assert sum(together(tell_endings, tell_endings)) == 1


@pytest.mark.django_db
def test_a_taken_back_one_does_not_end(trusted: Qualification, worker: Worker) -> None:
    held = TestEndings().until(trusted, worker, 10)
    Grant.objects.filter(pk=held.pk).update(state=GrantState.REVOKED)
    clock.advance(timedelta(days=6))
    assert tell_endings() == 0
