"""Folding changes no balance, whoever writes meanwhile, and however many fold."""

from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from crowd.kernel import clock, locks
from crowd.ledger import jobs, queries
from crowd.ledger.errors import LedgerBroken
from crowd.ledger.models import Account, Transfer
from crowd.ledger.services import accounts, self_check
from crowd.ledger.services import fold as folding
from crowd.ledger.services.fold import fold
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from tests.make import make_money, make_organisation
from tests.races import PATIENCE_S, begin, meeting, together, wait_before_a_lock


def purses(count: int) -> list[Account]:
    opened = accounts.open_many(
        holder=Holder.WORKER, purpose=Purpose.AVAILABLE, currency="USD", holder_ids=range(1, count + 1)
    )
    return list(opened.values())


def reward(escrow: Account, purse: Account, number: int, amount: int = 10) -> None:
    key = f"assignment:{number}:1:reward"
    with transaction.atomic():
        post([Posting(key, Kind.REWARD, escrow, purse, amount)], now=clock.now())


def make_escrow() -> Account:
    """1,000 micros reserved for a project."""
    escrow = accounts.open(holder=Holder.PROJECT, holder_id=1, purpose=Purpose.ESCROW, currency="USD")
    purse = make_money(make_organisation(), 1000)
    with transaction.atomic():
        post([Posting("project:1:publish", Kind.RESERVE, purse, escrow, 1000)], now=clock.now())
    return escrow


@pytest.fixture
def escrow(db: None) -> Account:
    return make_escrow()


def test_balances_stay_and_the_transfers_are_folded(escrow: Account) -> None:
    (worker,) = purses(1)
    reward(escrow, worker, 1)
    everybody = list(Account.objects.all())
    before = queries.balances(everybody)

    assert fold() == len(everybody) == 4  # the world outside, a requester, the escrow, the worker

    assert queries.balances(everybody) == before
    assert (before[escrow.pk], before[worker.pk]) == (990, 10)
    worker.refresh_from_db()
    assert (worker.folded_micros, worker.folded_through) == (10, Transfer.objects.latest("id").pk)
    self_check()


def test_what_comes_later_is_added_to_the_fold(escrow: Account) -> None:
    (worker,) = purses(1)
    reward(escrow, worker, 1)
    fold()
    reward(escrow, worker, 2)

    assert queries.balance(worker) == 20
    fold()
    assert queries.balance(worker) == 20
    self_check()


def test_folding_again_does_nothing(escrow: Account) -> None:
    (worker,) = purses(1)
    reward(escrow, worker, 1)
    fold()

    assert fold() == 0
    assert jobs.fold_accounts() == 0


def test_more_accounts_than_a_chunk_holds(escrow: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "CHUNK", 3)
    for number, purse in enumerate(purses(10)):
        reward(escrow, purse, number)

    assert fold() == 13
    assert [line.accounts for line in queries.trial_balance("USD")] == [1, 1, 1, 10]
    self_check()


@pytest.mark.unbalanced
def test_the_hourly_check_fails_loudly(escrow: Account) -> None:
    Account.objects.filter(pk=escrow.pk).update(folded_micros=1)

    with pytest.raises(LedgerBroken):
        jobs.check_ledger()


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def late_writer(self, escrow: Account, purse: Account, between: Any) -> None:
        """A transfer gets its id, then, before its transaction commits, another one is written and `between` runs."""
        written, may_commit = Event(), Event()

        def write_slowly() -> None:
            with transaction.atomic():
                reward(escrow, purse, 1)
                written.set()
                may_commit.wait(PATIENCE_S)

        writer = begin(write_slowly)
        written.wait(PATIENCE_S)
        reward(escrow, purse, 2)
        between()
        may_commit.set()
        writer.join(PATIENCE_S)

    def scene(self) -> tuple[Account, Account]:
        return make_escrow(), purses(1)[0]

    def test_a_transfer_on_its_way_is_never_lost(self) -> None:
        escrow, purse = self.scene()
        seen: list[int] = []

        self.late_writer(escrow, purse, lambda: seen.append(fold(wait_ms=50)))

        assert seen == [0]  # the table was busy: the next run will do
        assert queries.balance(purse) == 20
        assert fold() == 4
        assert queries.balance(purse) == 20
        self_check()

    @pytest.mark.unbalanced
    def test_control_folding_to_the_largest_visible_id_loses_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        escrow, purse = self.scene()
        monkeypatch.setattr(folding, "settled_through", lambda wait_ms: Transfer.objects.latest("id").pk)

        self.late_writer(escrow, purse, fold)

        assert queries.balance(purse) == 10
        with pytest.raises(LedgerBroken):
            self_check()

    def fold_together(self, monkeypatch: pytest.MonkeyPatch) -> Account:
        """Two folders, both past the look for the horizon; the second waits until both have looked for accounts."""
        escrow, purse = self.scene()
        reward(escrow, purse, 1)
        monkeypatch.setattr(accounts, "lock", meeting(accounts.lock))
        together(fold, fold)
        return purse

    def test_two_at_once_double_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        purse = self.fold_together(monkeypatch)

        assert queries.balance(purse) == 10
        self_check()

    def fold_against_each_other(self, monkeypatch: pytest.MonkeyPatch) -> Account:
        """No gate and no locks: both folders have summed up the account and wait to write it, one after the other."""
        escrow, purse = self.scene()
        reward(escrow, purse, 1)
        monkeypatch.setattr(locks, "try_exclusive", lambda gate, key: True)
        monkeypatch.setattr(accounts, "lock", lambda ids: None)
        with transaction.atomic():
            Account.objects.select_for_update().get(pk=purse.pk)
            folders = [begin(fold) for _ in range(2)]
            wait_before_a_lock(2)
        for folder in folders:
            folder.join(PATIENCE_S)
        return purse

    def test_even_without_the_gate_the_second_leaves_what_the_first_folded(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        purse = self.fold_against_each_other(monkeypatch)

        assert queries.balance(purse) == 10
        self_check()

    @pytest.mark.unbalanced
    def test_control_without_the_place_it_starts_from_the_money_doubles(self, monkeypatch: pytest.MonkeyPatch) -> None:
        careless = folding.FOLD.replace("AND a.folded_through = settled.folded_through", "")
        monkeypatch.setattr(folding, "FOLD", careless)

        purse = self.fold_against_each_other(monkeypatch)

        assert queries.balance(purse) == 20


def test_an_organisation_nobody_paid_has_nothing(db: None) -> None:
    assert queries.of_holder(holder=Holder.ORGANISATION, holder_id=make_organisation().pk) == {}


def test_a_trial_balance_reads_no_transfer_once_an_account(escrow: Account) -> None:
    """Nearly all transfers are of the one escrow: no reason to read them all for each of the workers."""
    postings = [
        Posting(f"assignment:{number}:{turn}:reward", Kind.REWARD, escrow, purse, 1)
        for number, purse in enumerate(purses(50))
        for turn in range(20)
    ]
    with transaction.atomic():
        post(postings, now=clock.now())

    def read() -> int:
        with connection.cursor() as cursor:
            cursor.execute("""
                SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'ledger_transfer'""")
            return int(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_transfer, ledger_account")
        # A thousand rows may well be read as they lie; the tables of a site may not: which index is taken is asked.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    before = read()
    assert sum(line.balance_micros for line in queries.trial_balance("USD")) == 0
    assert read() - before <= 3 * len(postings)
