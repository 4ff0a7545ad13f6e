from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crowd.users.models import Organisation
from qualifications.states import AttemptState, GrantState, System
from workers.models import Worker


class Qualification(models.Model):
    """A skill. Of one organisation, or of the site (organisation null); a system one is read, never granted."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="qualifications")
    name = models.CharField(_("name"), max_length=150)
    description = models.TextField(_("description"), blank=True)
    system = models.CharField(max_length=20, choices=System, blank=True)
    public = models.BooleanField(default=True)  # listed for workers, who may take its test
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], nulls_distinct=False, name="qualifications_name_unique"
            ),
            models.UniqueConstraint(fields=["system"], condition=~Q(system=""), name="qualifications_system_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Test(models.Model):
    """Questions in the words of a label config, graded by machine. A new version replaces the one before."""

    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="tests")
    version = models.IntegerField()
    config = models.JSONField()  # a label config, as in projects
    items = models.JSONField()  # [{"payload": {...}, "key": {"units": [...]}}]
    pass_mark = models.SmallIntegerField()  # per cent; the score becomes the grant's value
    time_limit_s = models.IntegerField()
    retry_delay_s = models.IntegerField(null=True)  # null: one try for ever
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["qualification", "version"], name="qualifications_test_version"),
            models.CheckConstraint(condition=Q(pass_mark__range=(0, 100)), name="qualifications_test_pass_mark"),
        ]

    def __str__(self) -> str:
        return f"test {self.version} of qualification {self.qualification_id}"


class Attempt(models.Model):
    """A worker takes a test: one at a time, within its time; handed in, it is graded at once and never changed."""

    test = models.ForeignKey(Test, on_delete=models.PROTECT, related_name="attempts")
    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="attempts")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="attempts")
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.ACTIVE)
    started_at = models.DateTimeField()
    deadline = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    answers = models.JSONField(null=True)
    score = models.SmallIntegerField(null=True)
    passed = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["qualification", "worker"],
                condition=Q(state="active"),
                name="qualifications_attempt_one_active",
            ),
            models.CheckConstraint(condition=Q(state__in=AttemptState.values), name="qualifications_attempt_state"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk} of worker {self.worker_id}"


class Grant(models.Model):
    """A worker holds a qualification with a value. One row a pair for ever; its history is in the audit log."""

    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="grants")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="grants")
    state = models.CharField(max_length=10, choices=GrantState, default=GrantState.GRANTED)
    value = models.SmallIntegerField(default=100)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["qualification", "worker"], name="qualifications_grant_unique"),
            models.CheckConstraint(condition=Q(value__range=(0, 100)), name="qualifications_grant_value"),
            models.CheckConstraint(condition=Q(state__in=GrantState.values), name="qualifications_grant_state"),
        ]
        indexes = [models.Index(fields=["worker"], name="qualifications_grant_worker")]

    def __str__(self) -> str:
        return f"qualification {self.qualification_id} of worker {self.worker_id}"
