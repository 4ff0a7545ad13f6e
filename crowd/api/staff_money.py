"""Staff: deposits, withdrawals, corrections, and the ledger itself."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.earnings import LineOut, lines_of
from crowd.api.fields import Amount, Facts, Id, Money, Row
from crowd.api.organisation_money import DepositOut, MovementFilter, WithdrawalOut
from crowd.api.paging import Page
from crowd.kernel import money
from crowd.kernel.errors import NotFound
from crowd.ledger import queries
from crowd.ledger.models import Account, Correction, Deposit, Withdrawal
from crowd.ledger.services import corrections, deposits, self_check, withdrawals
from crowd.ledger.states import Holder, Purpose
from crowd.users.access import require_staff
from crowd.users.states import Scope


class StaffDepositOut(DepositOut):
    class Meta(DepositOut.Meta):
        fields = [*DepositOut.Meta.fields, "organisation", "reason", "recorded_by", "decided_by"]


class StaffWithdrawalOut(WithdrawalOut):
    class Meta(WithdrawalOut.Meta):
        fields = [*WithdrawalOut.Meta.fields, "organisation", "recorded_by", "decided_by"]


class CorrectionOut(Row):
    amount = Money("amount_micros")

    class Meta:
        model = Correction
        fields = ["id", "state", "debit", "credit", "amount", "reason", "recorded_by", "recorded_at", "decided_by"]
        fields += ["decided_at", "decision_reason"]


class NewDeposit(Input):
    organisation = Id(source="organisation_id")
    amount = Amount(source="amount_micros")
    currency = serializers.CharField()
    reference = serializers.CharField(help_text="The bank's; the same one is not credited twice.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class NewCorrection(Input):
    debit = Id(source="debit_id", help_text="The account that the money leaves.")
    credit = Id(source="credit_id", help_text="The account that it goes to.")
    amount = Amount(source="amount_micros")
    reason = serializers.CharField(max_length=2000)


class StaffReason(Input):
    reason = serializers.CharField(max_length=2000)


class Reference(Input):
    reference = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text="The bank's.")


class AccountOut(Row):
    balance = Money("balance_micros")

    class Meta:
        model = Account
        fields = ["id", "holder", "holder_id", "purpose", "guarded", "balance"]


class AccountFilter(Filters):
    holder = serializers.ChoiceField(choices=Holder.choices, required=False)
    holder_id = serializers.IntegerField(required=False, min_value=0)
    purpose = serializers.ChoiceField(choices=Purpose.choices, required=False)
    currency = serializers.CharField(required=False)


class StaffLineOut(LineOut):
    counter_holder_id = serializers.IntegerField()


class TrialFilter(Filters):
    currency = serializers.CharField()


class TrialLineOut(Facts):
    holder = serializers.ChoiceField(choices=Holder.choices)
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    accounts = serializers.IntegerField()
    balance = Money("balance_micros")


class SelfCheckOut(Facts):
    balanced = serializers.BooleanField()


class Deposits(Endpoint):
    @deed("Deposits", scope=Scope.STAFF, gives=StaffDepositOut, filters=MovementFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(Deposit.objects.filter(**call.filters))

    @deed("Write down a payment that arrived", scope=Scope.STAFF, takes=NewDeposit, gives=StaffDepositOut, status=201)
    def post(self, call: Call) -> Deposit:
        """Nothing is credited before a second person approves it."""
        return deposits.record(actor=call.user, **call.data)


class DepositApproval(Endpoint):
    @deed("Credit a deposit, as the second person", scope=Scope.STAFF, gives=StaffDepositOut)
    def post(self, call: Call, deposit_id: int) -> Deposit:
        return deposits.approve(actor=call.user, deposit_id=deposit_id)


class DepositRefusal(Endpoint):
    @deed("Refuse a deposit", scope=Scope.STAFF, takes=StaffReason, gives=StaffDepositOut)
    def post(self, call: Call, deposit_id: int) -> Deposit:
        return deposits.refuse(actor=call.user, deposit_id=deposit_id, **call.data)


class Withdrawals(Endpoint):
    @deed(
        "Withdrawals that were asked for",
        scope=Scope.STAFF,
        gives=StaffWithdrawalOut,
        filters=MovementFilter,
        pages=True,
    )
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(Withdrawal.objects.filter(**call.filters))


class WithdrawalConfirmation(Endpoint):
    @deed("The bank sent a withdrawal", scope=Scope.STAFF, takes=Reference, gives=StaffWithdrawalOut)
    def post(self, call: Call, withdrawal_id: int) -> Withdrawal:
        return withdrawals.confirm(actor=call.user, withdrawal_id=withdrawal_id, **call.data)


class WithdrawalRefusal(Endpoint):
    @deed("A withdrawal is not sent, or came back", scope=Scope.STAFF, takes=StaffReason, gives=StaffWithdrawalOut)
    def post(self, call: Call, withdrawal_id: int) -> Withdrawal:
        return withdrawals.refuse(actor=call.user, withdrawal_id=withdrawal_id, **call.data)


class Corrections(Endpoint):
    @deed("Corrections", scope=Scope.STAFF, gives=CorrectionOut, filters=MovementFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(Correction.objects.filter(**call.filters))

    @deed("Propose a correction", scope=Scope.STAFF, takes=NewCorrection, gives=CorrectionOut, status=201)
    def post(self, call: Call) -> Correction:
        return corrections.record(actor=call.user, **call.data)


class CorrectionApproval(Endpoint):
    @deed("Carry out a correction, as the second person", scope=Scope.STAFF, gives=CorrectionOut)
    def post(self, call: Call, correction_id: int) -> Correction:
        return corrections.approve(actor=call.user, correction_id=correction_id)


class CorrectionRefusal(Endpoint):
    @deed("Refuse a correction", scope=Scope.STAFF, takes=StaffReason, gives=CorrectionOut)
    def post(self, call: Call, correction_id: int) -> Correction:
        return corrections.refuse(actor=call.user, correction_id=correction_id, **call.data)


class Accounts(Endpoint):
    @deed("Accounts of the ledger", scope=Scope.STAFF, gives=AccountOut, filters=AccountFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        page = call.page.of(Account.objects.filter(**call.filters))
        balances = queries.balances(page.rows)
        for account in page.rows:
            account.balance_micros = balances[account.pk]
        return page


class AccountStatement(Endpoint):
    @deed("Every movement of an account", scope=Scope.STAFF, gives=StaffLineOut, pages=True)
    def get(self, call: Call, account_id: int) -> Page:
        require_staff(call.user)
        account = Account.objects.filter(pk=account_id).first()
        if account is None:
            raise NotFound
        return lines_of(call, account, show_workers=True)


class TrialBalance(Endpoint):
    @deed(
        "The sums by kind of account; together zero",
        scope=Scope.STAFF,
        gives=TrialLineOut,
        filters=TrialFilter,
        many=True,
    )
    def get(self, call: Call) -> list[dict[str, Any]]:
        require_staff(call.user)
        currency = money.check_currency(call.filters["currency"])
        return [vars(line) | {"currency": currency} for line in queries.trial_balance(currency)]


class SelfCheck(Endpoint):
    @deed("Check the whole ledger now", scope=Scope.STAFF, rate="heavy", gives=SelfCheckOut)
    def get(self, call: Call) -> dict[str, bool]:
        """Answers 500 with the broken rows when something does not add up."""
        require_staff(call.user)
        self_check()
        return {"balanced": True}
