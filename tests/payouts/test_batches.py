"""From requested to paid: built by one, approved by another, sent once, ended once."""

import csv
import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed
from crowd.kernel.invariants import broken
from crowd.kernel.transitions import WrongState
from crowd.ledger.errors import LedgerBroken, SecondPersonNeeded
from crowd.ledger.services import self_check
from crowd.payouts import access, jobs, providers, queries
from crowd.payouts.errors import BadResults, CannotBatch, EmptyBatch, NoFile, OwnPayout, UnknownProvider
from crowd.payouts.invariants import INVARIANTS
from crowd.payouts.models import Batch, Payout
from crowd.payouts.providers import Line
from crowd.payouts.services import batches, outcome, sending
from crowd.payouts.services.request import request
from crowd.payouts.states import BatchState, PayoutState
from crowd.users.models import AuditEntry, User
from tests.make import make_money, make_payout_profile, make_staff, make_worker
from tests.races import errors, meeting, together
from workers.models import Worker

UNIT = 1_000_000


def asked(worker: Worker, amount: int = 10 * UNIT, currency: str = "USD", **profile: str) -> Payout:
    make_money(worker, amount, currency)
    make_payout_profile(worker, **profile)
    return request(actor=worker.user, currency=currency, amount_micros=amount)


def all_is_well() -> None:
    self_check()
    assert broken(INVARIANTS) == {}


def available(worker: Worker) -> int:
    return {purse.currency: purse.available_micros for purse in queries.purses(worker)}["USD"]


@pytest.fixture
def payouts(worker: Worker, other_worker: Worker) -> list[Payout]:
    """10 USD each."""
    return [
        asked(worker),
        asked(other_worker, method="paypal", email="other@pay.example", legal_name="Otto Other"),
    ]


@pytest.fixture
def built(staff: User, payouts: list[Payout]) -> Batch:
    ids = [payout.pk for payout in payouts]
    return batches.build(actor=staff, provider="csv", currency="USD", payout_ids=ids)


@pytest.fixture
def sent(built: Batch, other_staff: User) -> Batch:
    batches.approve(actor=other_staff, batch_id=built.pk)
    return sending.send(actor=other_staff, batch_id=built.pk)


def results_of(*rows: str) -> str:
    return "\n".join(["reference,result,provider_reference,reason", *rows])


class TestTheWholeWay:
    def test_requested_batched_approved_sent_confirmed(
        self, staff: User, other_staff: User, worker: Worker, payouts: list[Payout]
    ) -> None:
        assert queries.waiting(currency="USD") == payouts[::-1]
        batch = batches.build(actor=staff, provider="csv", currency="USD", payout_ids=[payout.pk for payout in payouts])
        assert queries.waiting() == []
        assert queries.sums_of(batch) == queries.BatchSums(payouts=2, amount_micros=20 * UNIT)

        batches.approve(actor=other_staff, batch_id=batch.pk)
        sending.send(actor=staff, batch_id=batch.pk)
        for payout in payouts:
            outcome.confirm(actor=staff, payout_id=payout.pk, reference=f"BANK {payout.pk}")

        batch = access.batch_for(staff, batch.pk)
        assert batch.state == BatchState.SETTLED
        assert batch.settled_at is not None
        assert {payout.state for payout in queries.payouts_in(batch)} == {PayoutState.CONFIRMED}
        assert available(worker) == 0
        log = AuditEntry.objects.filter(subject_type="payouts.batch").order_by("id")
        assert [entry.action for entry in log] == ["build_batch", "approve_batch", "send_batch"]
        all_is_well()

    def test_failed_money_is_the_workers_again(
        self, staff: User, sent: Batch, worker: Worker, payouts: list[Payout]
    ) -> None:
        payout = outcome.fail(actor=staff, payout_id=payouts[0].pk, reason="account closed")

        assert (payout.state, payout.reason) == (PayoutState.FAILED, "account closed")
        assert available(worker) == 10 * UNIT
        assert access.batch_for(staff, sent.pk).state == BatchState.SENT
        all_is_well()
        assert request(actor=worker.user, currency="USD").amount_micros == 10 * UNIT

    def test_what_ended_does_not_end_again(self, staff: User, sent: Batch, payouts: list[Payout]) -> None:
        outcome.confirm(actor=staff, payout_id=payouts[0].pk)

        with pytest.raises(WrongState):
            outcome.confirm(actor=staff, payout_id=payouts[0].pk)
        with pytest.raises(WrongState):
            outcome.fail(actor=staff, payout_id=payouts[0].pk, reason="no")
        all_is_well()

    def test_what_was_not_sent_is_not_confirmed(self, staff: User, payouts: list[Payout]) -> None:
        with pytest.raises(WrongState):
            outcome.confirm(actor=staff, payout_id=payouts[0].pk)


class TestBuild:
    def build(self, actor: User, *payouts: Payout, **more: Any) -> Batch:
        told = {"provider": "csv", "currency": "USD"} | more
        return batches.build(actor=actor, payout_ids=[payout.pk for payout in payouts], **told)

    def test_every_payout_that_cannot_is_named(self, staff: User, built: Batch, payouts: list[Payout]) -> None:
        euros = asked(make_worker(), currency="EUR")
        free = asked(make_worker())

        with pytest.raises(CannotBatch) as refusal:
            batches.build(
                actor=staff, provider="csv", currency="USD", payout_ids=[free.pk, euros.pk, payouts[0].pk, 999_999]
            )
        assert set(refusal.value.data["errors"]) == {
            "payout 999999",
            f"payout {euros.pk}",
            f"payout {payouts[0].pk}",
        }
        free.refresh_from_db()
        assert free.batch is None

    def test_a_provider_pays_by_its_methods_only(
        self, staff: User, payouts: list[Payout], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(providers.PROVIDERS["csv"], "methods", frozenset({"paypal"}))

        with pytest.raises(CannotBatch) as refusal:
            self.build(staff, *payouts)
        assert list(refusal.value.data["errors"]) == [f"payout {payouts[0].pk}"]

    def test_an_unknown_provider(self, staff: User, payouts: list[Payout]) -> None:
        with pytest.raises(UnknownProvider):
            self.build(staff, *payouts, provider="pigeon")

    def test_nothing_is_no_batch(self, staff: User) -> None:
        with pytest.raises(EmptyBatch):
            self.build(staff)

    def test_is_for_staff(self, requester: User, worker: Worker, payouts: list[Payout]) -> None:
        for person in (requester, worker.user):
            with pytest.raises(NotAllowed):
                self.build(person, *payouts)


class TestApproval:
    def test_needs_a_second_person(self, staff: User, built: Batch) -> None:
        with pytest.raises(SecondPersonNeeded):
            batches.approve(actor=staff, batch_id=built.pk)

    def test_one_person_is_enough_where_the_site_says_so(self, staff: User, built: Batch, settings: Settings) -> None:
        settings.CROWD_TWO_PERSON_RULE = False

        assert batches.approve(actor=staff, batch_id=built.pk).state == BatchState.APPROVED

    def test_what_was_not_approved_is_not_sent(self, staff: User, built: Batch) -> None:
        with pytest.raises(WrongState):
            sending.send(actor=staff, batch_id=built.pk)

    def test_a_refused_batch_gives_its_payouts_free(
        self, staff: User, other_staff: User, built: Batch, payouts: list[Payout]
    ) -> None:
        batches.refuse(actor=other_staff, batch_id=built.pk, reason="one is missing")

        assert queries.waiting() == payouts[::-1]
        with pytest.raises(WrongState):
            batches.approve(actor=other_staff, batch_id=built.pk)
        all_is_well()

    def test_also_after_it_was_approved(self, staff: User, other_staff: User, built: Batch) -> None:
        batches.approve(actor=other_staff, batch_id=built.pk)
        batches.refuse(actor=staff, batch_id=built.pk, reason="the bank is closed")

        assert {payout.state for payout in queries.waiting()} == {PayoutState.REQUESTED}
        all_is_well()

    def test_but_not_after_it_was_sent(self, staff: User, sent: Batch) -> None:
        with pytest.raises(WrongState):
            batches.refuse(actor=staff, batch_id=sent.pk, reason="oh")

    def test_one_payout_can_be_refused_out_of_its_batch(
        self, staff: User, other_staff: User, built: Batch, worker: Worker, payouts: list[Payout]
    ) -> None:
        batches.approve(actor=other_staff, batch_id=built.pk)

        refused = outcome.refuse(actor=staff, payout_id=payouts[0].pk, reason="under investigation")

        assert (refused.state, refused.batch, refused.decided_by) == (PayoutState.REFUSED, None, staff)
        assert available(worker) == 10 * UNIT
        sending.send(actor=staff, batch_id=built.pk)
        content = sending.download(actor=staff, batch_id=built.pk).content.decode()
        assert f"P{payouts[1].pk}" in content
        assert f"P{payouts[0].pk}," not in content
        all_is_well()

    def test_a_batch_that_was_emptied_is_neither_approved_nor_sent(
        self, staff: User, other_staff: User, built: Batch, payouts: list[Payout]
    ) -> None:
        for payout in payouts:
            outcome.refuse(actor=staff, payout_id=payout.pk, reason="no")

        with pytest.raises(EmptyBatch):
            batches.approve(actor=other_staff, batch_id=built.pk)

    def test_a_refusal_tells_the_worker_why(self, staff: User, payouts: list[Payout]) -> None:
        with pytest.raises(BadInput):
            outcome.refuse(actor=staff, payout_id=payouts[0].pk, reason=" ")


class TestOwn:
    """Staff who work too decide nothing about their own money, nor about what lies with it in one batch."""

    @pytest.fixture
    def own(self, staff: User) -> Payout:
        return asked(make_worker(user=staff))

    def test_not_built_refused_or_approved(
        self, staff: User, other_staff: User, own: Payout, payouts: list[Payout], settings: Settings
    ) -> None:
        settings.CROWD_TWO_PERSON_RULE = False
        ids = [own.pk, payouts[0].pk]
        with pytest.raises(OwnPayout):
            batches.build(actor=staff, provider="csv", currency="USD", payout_ids=ids)
        with pytest.raises(OwnPayout):
            outcome.refuse(actor=staff, payout_id=own.pk, reason="x")

        batch = batches.build(actor=other_staff, provider="csv", currency="USD", payout_ids=ids)
        with pytest.raises(OwnPayout):
            batches.approve(actor=staff, batch_id=batch.pk)
        with pytest.raises(OwnPayout):
            batches.refuse(actor=staff, batch_id=batch.pk, reason="x")

    def test_not_sent_downloaded_or_confirmed(
        self, staff: User, other_staff: User, own: Payout, settings: Settings
    ) -> None:
        settings.CROWD_TWO_PERSON_RULE = False
        batch = batches.build(actor=other_staff, provider="csv", currency="USD", payout_ids=[own.pk])
        batches.approve(actor=other_staff, batch_id=batch.pk)
        with pytest.raises(OwnPayout):
            sending.send(actor=staff, batch_id=batch.pk)
        sending.send(actor=other_staff, batch_id=batch.pk)
        attempts: list[Callable[..., object]] = [
            partial(sending.download, batch_id=batch.pk),
            partial(outcome.confirm, payout_id=own.pk),
            partial(outcome.fail, payout_id=own.pk, reason="x"),
            partial(outcome.take_results, batch_id=batch.pk, text=results_of(f"P{own.pk},confirmed,,")),
        ]
        for attempt in attempts:
            with pytest.raises(OwnPayout):
                attempt(actor=staff)


class TestFile:
    def rows(self, staff: User, batch: Batch) -> list[list[str]]:
        text = sending.download(actor=staff, batch_id=batch.pk).content.decode()
        return list(csv.reader(io.StringIO(text)))

    def test_says_whom_to_pay_what(self, staff: User, sent: Batch, payouts: list[Payout]) -> None:
        one, other = (payout.pk for payout in payouts)
        address = "Hauptstrasse 1, 10115 Berlin"
        assert self.rows(staff, sent) == [
            ["reference", "name", "address", "country", "method", "destination", "amount", "currency"],
            [f"P{one}", "Wanda Worker", address, "DE", "bank_transfer", "DE89370400440532013000", "10.00", "USD"],
            [f"P{other}", "Otto Other", address, "DE", "paypal", "other@pay.example", "10.00", "USD"],
        ]

    def test_is_the_same_bytes_at_every_download(self, staff: User, sent: Batch, worker: Worker) -> None:
        first = sending.download(actor=staff, batch_id=sent.pk)
        make_payout_profile(worker, legal_name="Wanda Married")
        clock.advance(timedelta(days=3))
        second = sending.download(actor=staff, batch_id=sent.pk)

        assert first == second
        assert hashlib.sha256(first.content).hexdigest() == first.sha256 == sent.file_sha256
        assert AuditEntry.objects.filter(action="download_batch", actor=staff).count() == 2

    def test_is_stored_encrypted(self, sent: Batch) -> None:
        stored = bytes(Batch.objects.get(pk=sent.pk).file or b"")

        assert stored
        assert b"Wanda" not in stored

    def test_is_there_only_once_it_was_sent(self, staff: User, built: Batch) -> None:
        with pytest.raises(NoFile):
            sending.download(actor=staff, batch_id=built.pk)

    def test_is_sent_once(self, staff: User, sent: Batch) -> None:
        with pytest.raises(WrongState):
            sending.send(actor=staff, batch_id=sent.pk)

    def test_a_crash_while_it_is_built_leaves_the_batch_to_be_sent_again(
        self, staff: User, other_staff: User, built: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batches.approve(actor=other_staff, batch_id=built.pk)
        with monkeypatch.context() as patch:
            patch.setattr(batches, "move", lambda *args: 1 / 0)  # after the file, before the payouts
            with pytest.raises(ZeroDivisionError):
                sending.send(actor=staff, batch_id=built.pk)

        batch = Batch.objects.get(pk=built.pk)
        assert (batch.state, batch.file, batch.file_sha256) == (BatchState.APPROVED, None, "")
        assert sending.send(actor=staff, batch_id=built.pk).state == BatchState.SENT
        all_is_well()

    def test_a_spreadsheet_sees_no_formula_in_it(self) -> None:
        line = Line("P1", "=cmd|' /C calc'!A0", "@home, 1", "DE", "paypal", "+x@example.org", 1_234_560_000, "USD")

        _head, row = csv.reader(io.StringIO(providers.get("csv").build([line])))

        assert row == [
            "P1",
            "'=cmd|' /C calc'!A0",
            "'@home, 1",
            "DE",
            "paypal",
            "'+x@example.org",
            "1234.56",
            "USD",
        ]

    def test_amounts_have_the_coins_digits(self) -> None:
        def amount(micros: int, currency: str) -> str:
            line = Line("P1", "A", "B", "JP", "paypal", "x@example.org", micros, currency)
            return providers.get("csv").build([line]).splitlines()[1].split(",")[6]

        assert amount(1_200_000_000, "JPY") == "1200"
        assert amount(1_234_000, "KWD") == "1.234"
        assert amount(100_000_000, "USD") == "100.00"

    def test_is_forgotten_when_the_law_no_longer_wants_it(
        self, staff: User, sent: Batch, payouts: list[Payout], settings: Settings
    ) -> None:
        settings.CROWD_PAYOUT_RECORD_DAYS = 30
        for payout in payouts:
            outcome.confirm(actor=staff, payout_id=payout.pk)
        clock.advance(timedelta(days=29))
        assert jobs.forget_files() == 0
        clock.advance(timedelta(days=2))
        assert jobs.forget_files() == 1

        with pytest.raises(NoFile):
            sending.download(actor=staff, batch_id=sent.pk)
        all_is_well()


def test_records_are_kept_for_a_time_after_the_last_payout_ended(
    staff: User, sent: Batch, worker: Worker, payouts: list[Payout], settings: Settings
) -> None:
    settings.CROWD_PAYOUT_RECORD_DAYS = 30
    assert queries.records_until(worker.user) is None

    ended = outcome.confirm(actor=staff, payout_id=payouts[0].pk)

    assert ended.finished_at
    assert queries.records_until(worker.user) == ended.finished_at + timedelta(days=30)


class TestResults:
    def test_confirm_and_fail_many_at_once(
        self, staff: User, sent: Batch, payouts: list[Payout], other_worker: Worker
    ) -> None:
        one, other = (payout.pk for payout in payouts)
        text = results_of(f"P{one},confirmed,BANK 1,", f"P{other},Failed,,no such account")

        report = outcome.take_results(actor=staff, batch_id=sent.pk, text=text)

        assert (report.confirmed, report.failed, report.known) == (1, 1, 0)
        assert available(other_worker) == 10 * UNIT
        assert access.batch_for(staff, sent.pk).state == BatchState.SETTLED
        paid = Payout.objects.get(pk=one)
        assert (paid.state, paid.provider_reference) == (PayoutState.CONFIRMED, "BANK 1")
        all_is_well()

    def test_the_same_file_again_changes_nothing(self, staff: User, sent: Batch, payouts: list[Payout]) -> None:
        text = results_of(*[f"P{payout.pk},confirmed,," for payout in payouts])
        outcome.take_results(actor=staff, batch_id=sent.pk, text=text)

        report = outcome.take_results(actor=staff, batch_id=sent.pk, text=text)

        assert (report.confirmed, report.failed, report.known) == (0, 0, 2)
        all_is_well()

    def test_every_bad_row_is_named_and_nothing_is_taken_over(
        self, staff: User, sent: Batch, payouts: list[Payout]
    ) -> None:
        one = payouts[0].pk
        with pytest.raises(BadResults) as refusal:
            outcome.take_results(
                actor=staff,
                batch_id=sent.pk,
                text=results_of(f"P{one},confirmed,,", f"P{one},failed,,changed my mind", "P999999,confirmed,,"),
            )

        assert set(refusal.value.data["errors"]) == {"row 3", "row 4"}
        assert Payout.objects.get(pk=one).state == PayoutState.SENT

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("", "row 1"),
            ("reference,outcome\nP1,confirmed", "row 1"),
            ("reference,result", "row 2"),
            ("reference,result\nP1,perhaps", "row 2"),
            ("reference,result,reason\nP1,failed,", "row 2"),
            ("reference,result\nP1,confirmed,extra", "row 2"),
            ('reference,result\n"P1,confirmed', "row 2"),
        ],
    )
    def test_a_bad_file_is_refused_with_its_place(self, staff: User, sent: Batch, text: str, place: str) -> None:
        with pytest.raises(BadResults) as refusal:
            outcome.take_results(actor=staff, batch_id=sent.pk, text=text)
        assert list(refusal.value.data["errors"]) == [place]

    def test_a_result_that_contradicts_an_earlier_one_is_refused(
        self, staff: User, sent: Batch, payouts: list[Payout]
    ) -> None:
        outcome.confirm(actor=staff, payout_id=payouts[0].pk)

        with pytest.raises(BadResults):
            outcome.take_results(actor=staff, batch_id=sent.pk, text=results_of(f"P{payouts[0].pk},failed,,no"))

    def test_a_file_with_a_byte_order_mark_is_read(self, staff: User, sent: Batch, payouts: list[Payout]) -> None:
        text = "\ufeff" + results_of(f"P{payouts[0].pk},confirmed,,")

        assert outcome.take_results(actor=staff, batch_id=sent.pk, text=text).confirmed == 1

    def test_there_are_none_before_it_was_sent(self, staff: User, built: Batch, payouts: list[Payout]) -> None:
        with pytest.raises(WrongState):
            outcome.take_results(actor=staff, batch_id=built.pk, text=results_of(f"P{payouts[0].pk},confirmed,,"))


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def scene(self) -> tuple[Batch, list[Payout], list[User]]:
        people = [make_staff(), make_staff()]
        payouts = [asked(make_worker()) for _ in range(2)]
        batch = batches.build(
            actor=people[0], provider="csv", currency="USD", payout_ids=[payout.pk for payout in payouts]
        )
        batches.approve(actor=people[1], batch_id=batch.pk)
        sending.send(actor=people[1], batch_id=batch.pk)
        return batch, payouts, people

    def end_both_ways(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """One confirms while another fails the same payout; both have read that it was sent."""
        _batch, payouts, people = self.scene()
        monkeypatch.setattr(outcome, "_lock", meeting(outcome._lock))
        return together(
            partial(outcome.confirm, actor=people[0], payout_id=payouts[0].pk),
            partial(outcome.fail, actor=people[1], payout_id=payouts[0].pk, reason="no"),
        )

    def without_locks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(access, "lock_batch", lambda pk: Batch.objects.get(pk=pk))
        monkeypatch.setattr(
            access,
            "lock_payouts",
            lambda **which: list(Payout.objects.select_related("worker__user").filter(**which).order_by("pk")),
        )

    def test_a_payout_ends_in_one_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert [type(error) for error in errors(self.end_both_ways(monkeypatch))] == [WrongState]
        all_is_well()

    @pytest.mark.unbalanced
    def test_control_without_the_locks_it_is_paid_and_given_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.without_locks(monkeypatch)

        assert errors(self.end_both_ways(monkeypatch)) == []
        with pytest.raises(LedgerBroken):
            self_check()
        assert "payouts.transfers" in broken(INVARIANTS)

    def test_who_ends_the_last_two_settles_the_batch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.end_the_last_two(monkeypatch).state == BatchState.SETTLED

    def test_control_without_the_locks_nobody_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.without_locks(monkeypatch)

        assert self.end_the_last_two(monkeypatch).state == BatchState.SENT

    def end_the_last_two(self, monkeypatch: pytest.MonkeyPatch) -> Batch:
        """Each sees the other's payout still under way."""
        batch, payouts, people = self.scene()
        monkeypatch.setattr(outcome, "_settle", meeting(outcome._settle))
        results = together(
            *[
                partial(outcome.confirm, actor=person, payout_id=payout.pk)
                for person, payout in zip(people, payouts, strict=True)
            ]
        )
        assert errors(results) == []
        return Batch.objects.get(pk=batch.pk)

    def test_a_payout_is_put_into_one_batch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert [type(error) for error in errors(self.build_twice(monkeypatch))] == [CannotBatch]
        all_is_well()

    def test_control_without_the_locks_into_two(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.without_locks(monkeypatch)

        assert errors(self.build_twice(monkeypatch)) == []
        assert Batch.objects.count() == 2

    def build_twice(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        payout = asked(make_worker())
        monkeypatch.setattr(batches, "_check_all", meeting(batches._check_all))
        deed = partial(batches.build, provider="csv", currency="USD", payout_ids=[payout.pk])
        return together(partial(deed, actor=make_staff()), partial(deed, actor=make_staff()))

    def test_two_send_one_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert [type(error) for error in errors(self.send_twice(monkeypatch))] == [WrongState]
        all_is_well()

    def test_control_without_the_locks_there_are_two(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.without_locks(monkeypatch)

        first, second = self.send_twice(monkeypatch)

        assert bytes(first.file) != bytes(second.file)

    def send_twice(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        people = [make_staff(), make_staff()]
        payout = asked(make_worker())
        batch = batches.build(actor=people[0], provider="csv", currency="USD", payout_ids=[payout.pk])
        batches.approve(actor=people[1], batch_id=batch.pk)
        monkeypatch.setattr(sending, "_store_file", meeting(sending._store_file))
        return together(*[partial(sending.send, actor=person, batch_id=batch.pk) for person in people])
