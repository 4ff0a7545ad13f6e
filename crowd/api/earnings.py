"""A worker's money: what he has, every movement of it, his payout profile, and his payouts."""

from typing import Any

from django.db.models import Sum
from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Amount, Facts, Money, Row, Time
from crowd.api.paging import Page
from crowd.assignments import queries as assignments
from crowd.kernel.errors import NotFound
from crowd.ledger import queries as ledger
from crowd.ledger.models import Account
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.payouts import queries
from crowd.payouts.access import payout_for
from crowd.payouts.models import Payout
from crowd.payouts.services import request
from crowd.payouts.states import PayoutState
from crowd.users.states import Scope
from workers.models import PayoutProfile, Worker
from workers.payout_fields import METHODS
from workers.services import payout_profile


class PurseOut(Facts):
    """`pending` is submitted and not decided; `payable` may be asked for now; `paid` has left for good."""

    pending = Money("pending_micros")
    available = Money("available_micros")
    in_transit = Money("in_transit_micros")
    payable = Money("payable_micros")
    paid = Money("paid_micros")


class LineOut(Facts):
    """One movement as its account sees it: above zero came in, below went out. `project` and `subject` are ids."""

    id = serializers.IntegerField()
    at = Time()
    kind = serializers.ChoiceField(choices=Kind.choices)
    amount = Money("amount_micros")
    balance = Money("balance_micros")
    counter_holder = serializers.ChoiceField(choices=Holder.choices)
    counter_purpose = serializers.ChoiceField(choices=Purpose.choices)
    project = serializers.IntegerField(source="project_ref", allow_null=True)
    subject = serializers.IntegerField(source="subject_ref", allow_null=True)
    reason = serializers.CharField()


class CurrencyFilter(Filters):
    currency = serializers.CharField(max_length=3)


class ProfileOut(Row):
    """As much of it as you need to recognise it."""

    masked = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = PayoutProfile
        fields = ["method", "masked", "changed_at", "held_until"]


class ProfileIn(Input):
    """For bank_transfer an `iban`, or `account_number` with `bank_code`; for paypal an `email`."""

    legal_name = serializers.CharField(required=False)
    address = serializers.CharField(required=False)
    date_of_birth = serializers.CharField(required=False, help_text="1990-12-31")
    country = serializers.CharField(required=False)
    method = serializers.ChoiceField(choices=METHODS, required=False)
    iban = serializers.CharField(required=False, allow_blank=True)
    account_number = serializers.CharField(required=False, allow_blank=True)
    bank_code = serializers.CharField(required=False, allow_blank=True)
    email = serializers.CharField(required=False, allow_blank=True)


class PayoutOut(Row):
    amount = Money("amount_micros")
    masked = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = Payout
        fields = ["id", "state", "amount", "method", "masked", "reason", "requested_at", "decided_at", "finished_at"]


class NewPayout(Input):
    currency = serializers.CharField()
    amount = Amount(source="amount_micros", required=False, allow_null=True, help_text="Absent: as much as can be.")


class Earnings(Endpoint):
    @deed("What I have earned, by currency", scope=Scope.READ, gives=PurseOut, many=True)
    def get(self, call: Call) -> list[dict[str, Any]]:
        pending, paid = assignments.pending_micros(call.worker), _paid(call.worker)
        purses: dict[str, dict[str, Any]] = {one.currency: vars(one) for one in queries.purses(call.worker)}
        nothing = {"available_micros": 0, "in_transit_micros": 0, "payable_micros": 0}
        return [
            {
                **purses.get(currency, nothing),
                "currency": currency,
                "pending_micros": pending.get(currency, 0),
                "paid_micros": paid.get(currency, 0),
            }
            for currency in sorted(purses.keys() | pending.keys())
        ]


class EarningsStatement(Endpoint):
    @deed("Every movement of my money", scope=Scope.READ, gives=LineOut, filters=CurrencyFilter, pages=True)
    def get(self, call: Call) -> Page:
        return statement(call, Holder.WORKER, call.worker.pk)


class Profile(Endpoint):
    @deed("My payout profile, masked", scope=Scope.READ, gives=ProfileOut)
    def get(self, call: Call) -> PayoutProfile:
        found = PayoutProfile.objects.filter(worker=call.worker).first()
        if found is None:
            raise NotFound
        return found

    @deed(
        "Fill or change my payout profile", scope=Scope.WORK, rate="money", takes=ProfileIn, raw=True, gives=ProfileOut
    )
    def put(self, call: Call) -> PayoutProfile:
        """A change, unlike the first filling, holds payouts for a while, and your old address is told."""
        return payout_profile.save(actor=call.user, fields=call.data)


class MyPayouts(Endpoint):
    @deed("My payouts", scope=Scope.READ, gives=PayoutOut, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(Payout.objects.filter(worker=call.worker))

    @deed("Ask for a payout", scope=Scope.WORK, rate="money", takes=NewPayout, gives=PayoutOut, status=201)
    def post(self, call: Call) -> Payout:
        return request.request(actor=call.user, **call.data)


class MyPayout(Endpoint):
    @deed("One payout", scope=Scope.READ, gives=PayoutOut)
    def get(self, call: Call, payout_id: int) -> Payout:
        return payout_for(call.user, payout_id)


def statement(call: Call, holder: str, holder_id: int, *, show_workers: bool = False) -> Page:
    """The lines of the holder's available account in the currency that was asked for."""
    account = Account.objects.filter(
        holder=holder, holder_id=holder_id, purpose=Purpose.AVAILABLE, currency=call.filters["currency"]
    ).first()
    return Page([], None) if account is None else lines_of(call, account, show_workers=show_workers)


def lines_of(call: Call, account: Account, *, show_workers: bool = False) -> Page:
    def read(*, before: int | None, limit: int) -> list[ledger.Line]:
        return ledger.statement(account, before=before, limit=limit, show_workers=show_workers)

    return call.page.read(read)


def _paid(worker: Worker) -> dict[str, int]:
    confirmed = Payout.objects.filter(worker=worker, state=PayoutState.CONFIRMED)
    return dict(confirmed.values_list("currency").annotate(total=Sum("amount_micros")))
