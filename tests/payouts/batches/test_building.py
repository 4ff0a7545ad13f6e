"""From requested to paid: built by one, approved by another, never about his own."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from crowd.kernel.errors import BadInput, NotAllowed
from crowd.kernel.transitions import WrongState
from crowd.ledger.errors import SecondPersonNeeded
from crowd.payouts import access, providers, queries
from crowd.payouts.errors import CannotBatch, EmptyBatch, OwnPayout, UnknownProvider
from crowd.payouts.models import Batch, Payout
from crowd.payouts.services import batches, outcome, sending
from crowd.payouts.services.request import request
from crowd.payouts.states import BatchState, PayoutState
from crowd.users.models import AuditEntry, User
from tests.make import make_worker
from tests.payouts.batches.batching import UNIT, all_is_well, asked, available, results_of
from workers.models import Worker


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
