"""Money moves once, whole, and only where there is some."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.transaction import TransactionManagementError

from crowd.kernel import clock
from crowd.ledger import queries
from crowd.ledger.errors import KeyConflict, LedgerBroken, NotEnoughMoney
from crowd.ledger.models import Account, Transfer
from crowd.ledger.services import accounts, self_check
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.users.models import Organisation
from tests.make import make_money, make_organisation
from tests.races import errors, meeting, together

UNIT = 1_000_000


@pytest.fixture
def purse(organisation: Organisation) -> Account:
    """100 USD."""
    return make_money(organisation, 100 * UNIT)


@pytest.fixture
def escrow(db: None) -> Account:
    return accounts.open(holder=Holder.PROJECT, holder_id=7, purpose=Purpose.ESCROW, currency="USD")


def reserve(purse: Account, escrow: Account, amount: int, key: str = "project:7:publish", **more: Any) -> int:
    return post([Posting(key, Kind.RESERVE, purse, escrow, amount, project_ref=7, **more)], now=clock.now())


class TestPost:
    def test_moves_money_from_one_account_to_the_other(self, purse: Account, escrow: Account) -> None:
        assert reserve(purse, escrow, 30 * UNIT) == 1

        assert queries.balances([purse, escrow]) == {purse.pk: 70 * UNIT, escrow.pk: 30 * UNIT}
        self_check()

    def test_the_same_again_changes_nothing(self, purse: Account, escrow: Account) -> None:
        reserve(purse, escrow, 30 * UNIT)

        assert reserve(purse, escrow, 30 * UNIT) == 0
        assert queries.balance(escrow) == 30 * UNIT

    def test_the_same_again_needs_no_money(self, purse: Account, escrow: Account) -> None:
        reserve(purse, escrow, 100 * UNIT)

        assert reserve(purse, escrow, 100 * UNIT) == 0

    def test_the_same_key_with_another_amount_is_refused(self, purse: Account, escrow: Account) -> None:
        reserve(purse, escrow, 30 * UNIT)

        with pytest.raises(KeyConflict), transaction.atomic():
            reserve(purse, escrow, 31 * UNIT)

    def test_two_contents_under_one_key_in_one_call_are_refused(self, purse: Account, escrow: Account) -> None:
        both = [Posting("k", Kind.RESERVE, purse, escrow, amount) for amount in (1, 2)]

        with pytest.raises(KeyConflict):
            post(both, now=clock.now())
        assert not Transfer.objects.filter(key="k").exists()

    def test_what_is_not_there_is_not_spent_and_the_figures_are_told(self, purse: Account, escrow: Account) -> None:
        with pytest.raises(NotEnoughMoney) as refusal:
            reserve(purse, escrow, 130 * UNIT)

        assert refusal.value.data == {
            "available_micros": 100 * UNIT,
            "wanted_micros": 130 * UNIT,
            "shortfall_micros": 30 * UNIT,
            "currency": "USD",
        }
        assert "$30.00 are missing" in str(refusal.value)
        assert queries.balance(purse) == 100 * UNIT

    def test_a_refusal_leaves_nothing_behind_for_a_caller_who_goes_on(self, purse: Account, escrow: Account) -> None:
        """Reopening a slot tries the requester's money and goes on without it, in the same transaction."""
        with transaction.atomic():
            with pytest.raises(NotEnoughMoney):
                post(
                    [
                        Posting("small", Kind.RESERVE, purse, escrow, 60 * UNIT),
                        Posting("large", Kind.RESERVE, purse, escrow, 41 * UNIT),
                    ],
                    now=clock.now(),
                )
            reserve(purse, escrow, 1 * UNIT)

        assert queries.balance(escrow) == 1 * UNIT

    def test_what_comes_in_by_the_same_call_may_be_spent_by_it(self, purse: Account, escrow: Account) -> None:
        reserve(purse, escrow, 100 * UNIT)

        post(
            [
                Posting("back", Kind.RELEASE, escrow, purse, 40 * UNIT),
                Posting("again", Kind.RESERVE, purse, escrow, 40 * UNIT),
            ],
            now=clock.now(),
        )

        assert queries.balance(purse) == 0

    @pytest.mark.unbalanced
    def test_many_at_once_are_one_statement(
        self, escrow: Account, django_assert_num_queries: Callable[..., Any]
    ) -> None:
        purses = accounts.open_many(
            holder=Holder.WORKER, purpose=Purpose.AVAILABLE, currency="USD", holder_ids=range(1, 501)
        )
        rewards = [
            Posting(f"assignment:{pk}:1:reward", Kind.REWARD, escrow, purses[pk], 40_000, subject_ref=pk)
            for pk in purses
        ]
        moment = clock.now()

        with django_assert_num_queries(1):
            assert post(rewards, now=moment) == 500
        assert queries.balance(escrow) == -500 * 40_000

    def test_half_known_postings_write_the_other_half(self, purse: Account, escrow: Account) -> None:
        first, second = (Posting(key, Kind.RESERVE, purse, escrow, UNIT) for key in ("a", "b"))
        post([first], now=clock.now())

        assert post([second, first], now=clock.now()) == 1
        assert queries.balance(escrow) == 2 * UNIT

    @pytest.mark.parametrize("amount", [0, -1])
    def test_an_amount_is_above_zero(self, purse: Account, escrow: Account, amount: int) -> None:
        with pytest.raises(ValueError, match="above zero"):
            Posting("k", Kind.RESERVE, purse, escrow, amount)

    def test_a_posting_stays_in_one_currency(self, purse: Account, organisation: Organisation) -> None:
        test_money = make_money(organisation, UNIT, "XTS")

        with pytest.raises(ValueError, match="currencies"):
            Posting("k", Kind.CORRECTION, purse, test_money, 1)


class TestDatabase:
    """What the database itself refuses, whoever writes."""

    def test_a_transfer_is_never_changed_or_deleted(self, purse: Account) -> None:
        for change in (lambda: Transfer.objects.update(amount_micros=1), lambda: Transfer.objects.all().delete()):
            with pytest.raises((IntegrityError, InternalError), match="never changed"), transaction.atomic():
                change()

    def test_a_transfer_cannot_cross_currencies(self, purse: Account, organisation: Organisation) -> None:
        test_money = make_money(organisation, UNIT, "XTS")

        with pytest.raises(IntegrityError, match="ledger_transfer_credit_account"), transaction.atomic():
            Transfer.objects.create(
                key="k",
                kind=Kind.CORRECTION,
                debit=purse,
                credit=test_money,
                currency="USD",
                amount_micros=1,
                created_at=clock.now(),
            )


@pytest.mark.unbalanced
class TestSelfCheck:
    def test_a_wrong_fold_is_found(self, purse: Account) -> None:
        Account.objects.filter(pk=purse.pk).update(folded_micros=5)

        with pytest.raises(LedgerBroken) as found:
            self_check()
        assert set(found.value.data["broken"]) == {"ledger.folded", "ledger.total"}

    def test_a_purse_below_zero_is_found(self, purse: Account, escrow: Account) -> None:
        Transfer.objects.create(
            key="by hand",
            kind=Kind.RESERVE,
            debit=purse,
            credit=escrow,
            currency="USD",
            amount_micros=101 * UNIT,
            created_at=clock.now(),
        )

        with pytest.raises(LedgerBroken) as found:
            self_check()
        (row,) = found.value.data["broken"]["ledger.below_zero"]
        assert (row["account"], row["micros"]) == (purse.pk, -UNIT)


@pytest.mark.django_db(transaction=True)
def test_money_moves_only_inside_a_transaction_of_the_callers() -> None:
    purse = make_money(make_organisation(), UNIT)
    escrow = accounts.open(holder=Holder.PROJECT, holder_id=7, purpose=Purpose.ESCROW, currency="USD")

    with pytest.raises(TransactionManagementError):
        reserve(purse, escrow, 1)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Two reserve 60 of 100 at the same time, both having seen 100."""

    def race(self, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, str]) -> tuple[list[Any], Account]:
        purse = make_money(make_organisation(), 100 * UNIT)
        escrow = accounts.open(holder=Holder.PROJECT, holder_id=7, purpose=Purpose.ESCROW, currency="USD")
        monkeypatch.setattr(queries, "balances", meeting(queries.balances))

        def spend(key: str) -> int:
            with transaction.atomic():
                return reserve(purse, escrow, 60 * UNIT, key)

        results = together(*(partial(spend, key) for key in keys))
        monkeypatch.undo()
        return results, purse

    def test_only_one_of_them_gets_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        results, purse = self.race(monkeypatch, ("one", "two"))

        assert [type(error) for error in errors(results)] == [NotEnoughMoney]
        assert queries.balance(purse) == 40 * UNIT
        self_check()

    @pytest.mark.unbalanced
    def test_control_without_the_lock_both_spend_the_same_money(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(accounts, "lock", lambda ids: None)

        results, purse = self.race(monkeypatch, ("one", "two"))

        assert results == [1, 1]
        assert queries.balance(purse) == -20 * UNIT

    def test_the_same_key_twice_at_once_moves_money_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        results, purse = self.race(monkeypatch, ("one", "one"))

        assert sorted(results) == [0, 1]
        assert queries.balance(purse) == 40 * UNIT

    def test_two_open_one_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first, second = self.open_together(monkeypatch)

        assert first.pk == second.pk

    def test_control_a_plain_insert_fails_for_one_of_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        create = Account.objects.bulk_create
        monkeypatch.setattr(Account.objects, "bulk_create", lambda rows, ignore_conflicts: create(rows))

        assert [type(error) for error in errors(self.open_together(monkeypatch))] == [IntegrityError]

    def open_together(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """Both have looked and found none."""
        monkeypatch.setattr(accounts, "_find", meeting(accounts._find))
        deed = partial(accounts.open, holder=Holder.WORKER, holder_id=3, purpose=Purpose.AVAILABLE, currency="EUR")
        return together(deed, deed)
