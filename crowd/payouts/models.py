from django.conf import settings
from django.db import models
from django.db.models import Q

from crowd.payouts.states import BatchState, PayoutState
from workers.models import Worker


class Batch(models.Model):
    """Payouts that leave together through one provider. The file is built once and kept byte for byte."""

    provider = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.OPEN)
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    built_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    file = models.BinaryField(null=True)  # encrypted with `file_key`: it holds names and destinations
    file_key = models.BinaryField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=BatchState.values), name="payouts_batch_state")]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class Payout(models.Model):
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="payouts", db_index=False)
    state = models.CharField(max_length=10, choices=PayoutState, default=PayoutState.REQUESTED)
    amount_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=20)
    secret = models.BinaryField()  # the payout profile as it was, encrypted with the person's key
    masked = models.JSONField()
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="payouts")
    provider_reference = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)  # of a refusal or a failure; the worker reads it
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PayoutState.values), name="payouts_payout_state"),
            models.CheckConstraint(condition=Q(amount_micros__gt=0), name="payouts_payout_positive"),
        ]
        indexes = [models.Index(fields=["worker", "-id"], name="payouts_payout_worker")]

    def __str__(self) -> str:
        return f"payout {self.pk}"
