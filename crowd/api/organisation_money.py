"""An organisation's money: balances, every movement, deposits, withdrawals, test money. And whom it works without."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.earnings import CurrencyFilter, LineOut, statement
from crowd.api.fields import Amount, Facts, Money, Row, Time
from crowd.api.paging import Page
from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.ledger import queries
from crowd.ledger.models import Deposit, Withdrawal
from crowd.ledger.services import deposits, withdrawals
from crowd.ledger.states import Holder, MovementState, Purpose
from crowd.users.access import organisation_for
from crowd.users.models import Organisation
from crowd.users.states import Scope
from workers import queries as workers
from workers.models import Block
from workers.services import blocks
from workers.services.pseudonyms import pseudonyms_for


class BalanceOut(Facts):
    """`available` may be spent or withdrawn; `in_transit` is a withdrawal on its way."""

    available = Money("available_micros")
    in_transit = Money("in_transit_micros")


class DepositOut(Row):
    amount = Money("amount_micros")

    class Meta:
        model = Deposit
        fields = ["id", "state", "amount", "reference", "recorded_at", "decided_at", "decision_reason"]


class WithdrawalOut(Row):
    amount = Money("amount_micros")

    class Meta:
        model = Withdrawal
        fields = ["id", "state", "amount", "reason", "reference", "recorded_at", "decided_at", "decision_reason"]


class MovementFilter(Filters):
    state = serializers.ChoiceField(choices=MovementState.choices, required=False)


class NewWithdrawal(Input):
    amount = Amount(source="amount_micros")
    currency = serializers.CharField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="A note to staff.")


class NewTestMoney(Input):
    amount = Amount(source="amount_micros", help_text="Of XTS, test money.")


class BlockOut(Facts):
    id = serializers.IntegerField()
    worker = serializers.CharField(help_text="The pseudonym in this organisation.")
    reason = serializers.CharField()
    created_at = Time()
    ends_at = Time(allow_null=True)


class NewBlock(Input):
    worker = serializers.CharField(source="pseudonym", help_text="The pseudonym in this organisation.")
    reason = serializers.CharField(help_text="The worker reads it.")
    ends_at = Time(required=False, allow_null=True)


class Balances(Endpoint):
    @deed("What the organisation has, by currency", scope=Scope.READ, gives=BalanceOut, many=True)
    def get(self, call: Call, organisation_id: int) -> list[dict[str, Any]]:
        organisation = organisation_for(call.user, organisation_id)
        held = queries.of_holder(holder=Holder.ORGANISATION, holder_id=organisation.pk)
        return [
            {
                "currency": currency,
                "available_micros": held.get((Purpose.AVAILABLE, currency), 0),
                "in_transit_micros": held.get((Purpose.IN_TRANSIT, currency), 0),
            }
            for currency in sorted({currency for _purpose, currency in held})
        ]


class OrganisationStatement(Endpoint):
    @deed("Every movement of its money", scope=Scope.READ, gives=LineOut, filters=CurrencyFilter, pages=True)
    def get(self, call: Call, organisation_id: int) -> Page:
        return statement(call, Holder.ORGANISATION, organisation_for(call.user, organisation_id).pk)


class OrganisationDeposits(Endpoint):
    @deed("Deposits that staff have recorded", scope=Scope.READ, gives=DepositOut, filters=MovementFilter, pages=True)
    def get(self, call: Call, organisation_id: int) -> Page:
        organisation = organisation_for(call.user, organisation_id)
        return call.page.of(Deposit.objects.filter(organisation=organisation, **call.filters))


class OrganisationTestMoney(Endpoint):
    @deed("Give the organisation test money (XTS)", scope=Scope.MONEY, takes=NewTestMoney, gives=DepositOut, status=201)
    def post(self, call: Call, organisation_id: int) -> Deposit:
        return deposits.add_test_money(actor=call.user, organisation_id=organisation_id, **call.data)


class OrganisationWithdrawals(Endpoint):
    @deed("Withdrawals", scope=Scope.READ, gives=WithdrawalOut, filters=MovementFilter, pages=True)
    def get(self, call: Call, organisation_id: int) -> Page:
        organisation = organisation_for(call.user, organisation_id)
        return call.page.of(Withdrawal.objects.filter(organisation=organisation, **call.filters))

    @deed("Ask for available money back", scope=Scope.MONEY, takes=NewWithdrawal, gives=WithdrawalOut, status=201)
    def post(self, call: Call, organisation_id: int) -> Withdrawal:
        return withdrawals.ask(actor=call.user, organisation_id=organisation_id, **call.data)


class Blocks(Endpoint):
    @deed("Workers that the organisation works without", scope=Scope.READ, gives=BlockOut, pages=True)
    def get(self, call: Call, organisation_id: int) -> Page:
        organisation = organisation_for(call.user, organisation_id)
        page = call.page.of(workers.blocks_of_organisation(organisation, now=clock.now()))
        return Page(_shown(organisation, list(page.rows)), page.next)

    @deed(
        "Keep a worker from the organisation's projects",
        scope=Scope.PROJECTS,
        takes=NewBlock,
        gives=BlockOut,
        status=201,
    )
    def post(self, call: Call, organisation_id: int) -> Any:
        block = blocks.block_for_organisation(actor=call.user, organisation_id=organisation_id, **call.data)
        return _shown(organisation_for(call.user, organisation_id), [block])[0]


class BlockView(Endpoint):
    @deed("Lift a block", scope=Scope.PROJECTS, status=204)
    def delete(self, call: Call, organisation_id: int, block_id: int) -> None:
        organisation = organisation_for(call.user, organisation_id)
        if not workers.blocks_of_organisation(organisation, now=clock.now()).filter(pk=block_id).exists():
            raise NotFound
        blocks.lift(actor=call.user, block_id=block_id)


def _shown(organisation: Organisation, rows: list[Block]) -> list[dict[str, Any]]:
    codes = pseudonyms_for(organisation, [one.worker_id for one in rows])
    names = ("id", "reason", "created_at", "ends_at")
    return [{**{name: getattr(one, name) for name in names}, "worker": codes[one.worker_id]} for one in rows]
