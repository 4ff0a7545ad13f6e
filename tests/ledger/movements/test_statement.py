"""What an account's owner reads, and staff."""

from crowd.ledger import queries
from crowd.ledger.models import Account
from crowd.ledger.services import movements, withdrawals
from crowd.users.models import Organisation, User
from tests.ledger.movements.moving import UNIT
from tests.make import make_money
from workers.models import Worker


class TestStatement:
    def test_goes_back_page_by_page_with_the_balance_of_each_line(
        self, organisation: Organisation, purse: Account
    ) -> None:
        for amount in range(1, 6):
            make_money(organisation, amount)

        first = queries.statement(purse, limit=2)
        second = queries.statement(purse, limit=2, before=first[-1].id)
        third = queries.statement(purse, limit=2, before=second[-1].id)

        lines = [*first, *second, *third]
        assert [line.amount_micros for line in lines] == [5, 4, 3, 2, 1]
        assert [line.balance_micros for line in lines] == [15, 10, 6, 3, 1]
        assert {(line.counter_holder, line.counter_purpose) for line in lines} == {("outside", "bank")}
        assert queries.statement(purse, before=lines[-1].id) == []

    def test_what_goes_out_is_below_zero(self, organisation: Organisation, requester: User, purse: Account) -> None:
        make_money(organisation, 5 * UNIT)
        withdrawals.ask(actor=requester, organisation_id=organisation.pk, amount_micros=2 * UNIT, currency="USD")

        assert [(line.amount_micros, line.balance_micros) for line in queries.statement(purse)] == [
            (-2 * UNIT, 3 * UNIT),
            (5 * UNIT, 5 * UNIT),
        ]

    def test_which_worker_was_paid_only_staff_are_told(self, worker: Worker) -> None:
        make_money(worker, UNIT)
        bank = movements.outside("USD")

        (shown,) = queries.statement(bank)
        (to_staff,) = queries.statement(bank, show_workers=True)

        assert (shown.counter_holder, shown.counter_holder_id) == ("worker", None)
        assert to_staff.counter_holder_id == worker.pk

    def test_trial_balance_adds_up_to_nothing(self, organisation: Organisation, worker: Worker) -> None:
        make_money(organisation, 5 * UNIT)
        make_money(worker, 2 * UNIT)
        make_money(worker, 9 * UNIT, "XTS")

        lines = queries.trial_balance("USD")

        assert {(line.holder, line.balance_micros) for line in lines} == {
            ("organisation", 5 * UNIT),
            ("outside", -7 * UNIT),
            ("worker", 2 * UNIT),
        }
