"""Two at one batch: it is built, sent and ended once."""

from functools import partial
from typing import Any

import pytest

from crowd.kernel.invariants import broken
from crowd.kernel.transitions import WrongState
from crowd.ledger.errors import LedgerBroken
from crowd.ledger.services import self_check
from crowd.payouts import access
from crowd.payouts.errors import CannotBatch
from crowd.payouts.invariants import INVARIANTS
from crowd.payouts.models import Batch, Payout
from crowd.payouts.services import batches, outcome, sending
from crowd.payouts.states import BatchState
from crowd.users.models import User
from tests.make import make_staff, make_worker
from tests.payouts.batches.batching import all_is_well, asked
from tests.races import errors, meeting, together


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
