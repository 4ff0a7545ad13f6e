from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crowd.users.models import Organisation
from workers.states import Mark, WorkerState


class Worker(models.Model):
    """A login that labels. Site-wide facts only: what he is in one project stands in Participation."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="worker")
    state = models.CharField(max_length=10, choices=WorkerState, default=WorkerState.ACTIVE)
    country = models.CharField(_("country"), max_length=2, blank=True)  # ISO 3166-1 alpha-2
    subdivision = models.CharField(_("region"), max_length=6, blank=True)  # ISO 3166-2 ("US-CA")
    languages = ArrayField(models.CharField(max_length=10), default=list)
    joined_at = models.DateTimeField(db_default=Now())
    # What he asked for: his deadlines in per cent of everybody's, and which content he agreed to be shown.
    time_percent = models.SmallIntegerField(default=100)
    shown_warnings = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    # Whether his country and languages may be counted in requesters' reports, in groups of ten workers and more.
    in_reports = models.BooleanField(default=False, db_default=False)
    # Raised by whatever may change which projects he is eligible for (grants, blocks, sums); Participation
    # remembers the version it was checked against, so that taking a task need not check again.
    eligibility_version = models.IntegerField(default=0)
    # Site-wide sums, folded by a job from what the projects say; never written while a task is taken or submitted.
    submitted_count = models.IntegerField(default=0)
    accepted_count = models.IntegerField(default=0)
    rejected_count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WorkerState.values), name="workers_worker_state"),
            models.CheckConstraint(condition=Q(time_percent__range=(100, 200)), name="workers_worker_time"),
        ]

    def __str__(self) -> str:
        return f"worker {self.pk}"

    @property
    def locale(self) -> str:
        """As precise as he told: "US-CA", "DE", or "" when he told nothing."""
        return self.subdivision or self.country


class Block(models.Model):
    """Keeps a worker from the projects of one organisation, or (organisation null) from the whole site."""

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="blocks")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="blocks")
    reason = models.TextField()  # the worker reads it
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "organisation"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="workers_block_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"block {self.pk} of worker {self.worker_id}"


class RequesterMark(models.Model):
    """A worker's own note on a requester: kept at the top of his list, or out of it."""

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="marks", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=10, choices=Mark)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker", "organisation"], name="workers_mark_once"),
            models.CheckConstraint(condition=Q(mark__in=Mark.values), name="workers_mark"),
        ]

    def __str__(self) -> str:
        return f"worker {self.worker_id} has {self.mark} organisation {self.organisation_id}"


class Pseudonym(models.Model):
    """The only name under which an organisation knows a worker; another one knows him under another."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="pseudonyms")
    code = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "worker"], name="workers_pseudonym_worker"),
            models.UniqueConstraint(fields=["organisation", "code"], name="workers_pseudonym_code"),
        ]

    def __str__(self) -> str:
        return self.code


class PayoutProfile(models.Model):
    """Whom and where to pay. `secret` is JSON encrypted with the person's key; `masked` is what its owner is shown."""

    worker = models.OneToOneField(Worker, on_delete=models.PROTECT, related_name="payout_profile")
    method = models.CharField(max_length=20)
    secret = models.BinaryField()
    masked = models.JSONField()
    changed_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)  # payouts wait after a change

    def __str__(self) -> str:
        return f"payout profile of worker {self.worker_id}"
