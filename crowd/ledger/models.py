from django.conf import settings
from django.db import models
from django.db.models import F, Q

from crowd.ledger.states import Holder, Kind, MovementState, Purpose
from crowd.users.models import Organisation


class Account(models.Model):
    """One purse of one holder in one currency. Its balance = `folded_micros` + the transfers after `folded_through`."""

    holder = models.CharField(max_length=12, choices=Holder)
    holder_id = models.BigIntegerField(default=0)  # 0 for the platform and the outside
    purpose = models.CharField(max_length=12, choices=Purpose)
    currency = models.CharField(max_length=3)
    # A guarded account may not go below zero: its row is locked and its balance checked when it is debited.
    # Escrow is not guarded: what may leave it was reserved before, assignment by assignment; `verify` checks the sum.
    guarded = models.BooleanField()
    folded_micros = models.BigIntegerField(default=0)
    folded_through = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "holder_id", "purpose", "currency"], name="ledger_account_one_each"
            ),
            # The target of the transfers' composite foreign keys, which make a transfer between currencies impossible.
            models.UniqueConstraint(fields=["id", "currency"], name="ledger_account_currency"),
            models.CheckConstraint(condition=Q(holder__in=Holder.values), name="ledger_account_holder"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="ledger_account_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.holder}:{self.holder_id}:{self.purpose}:{self.currency}"


class Transfer(models.Model):
    """An amount > 0 from `debit` to `credit`. Insert-only; `key` is the caller's and makes it happen once."""

    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    # The indexes below begin with them: of their own they would only cost, and lead the view `ledger_balance` astray.
    debit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="debits", db_constraint=False, db_index=False
    )
    credit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="credits", db_constraint=False, db_index=False
    )
    currency = models.CharField(max_length=3)
    amount_micros = models.BigIntegerField()
    # What it was for: a project's id, and the id of the thing in it (an assignment, a payout), as the kind says.
    project_ref = models.BigIntegerField(null=True)
    subject_ref = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_micros__gt=0), name="ledger_transfer_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_transfer_two_accounts"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="ledger_transfer_kind"),
        ]
        indexes = [
            models.Index(fields=["debit", "id"], name="ledger_transfer_debit"),
            models.Index(fields=["credit", "id"], name="ledger_transfer_credit"),
        ]

    def __str__(self) -> str:
        return self.key


class Movement(models.Model):
    """Money that a person moves by hand: recorded by one, decided by another, then one transfer."""

    state = models.CharField(max_length=10, choices=MovementState, default=MovementState.PENDING)
    amount_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=200, blank=True)  # the bank's
    reason = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(amount_micros__gt=0), name="%(app_label)s_%(class)s_positive"),
            models.CheckConstraint(condition=Q(state__in=MovementState.values), name="%(app_label)s_%(class)s_state"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class Deposit(Movement):
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="deposits")

    class Meta(Movement.Meta):
        constraints = [
            *Movement.Meta.constraints,
            # The same bank reference is not credited twice.
            models.UniqueConstraint(
                fields=["currency", "reference"],
                condition=~Q(reference="") & ~Q(state="refused"),
                name="ledger_deposit_reference",
            ),
        ]


class Withdrawal(Movement):
    """An organisation takes unspent available money back; held in transit until staff confirm that it was sent."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="withdrawals")


class Correction(Movement):
    """A mistake is mended by a counter-transfer, never by changing what was written."""

    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
