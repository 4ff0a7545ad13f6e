from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crowd.users.models import Organisation
from qualifications.states import MEASURED, Asking, AttemptState, GrantState, RequestState, System
from workers.models import Worker

RENEWAL = timedelta(days=14)  # what a worker holds may be renewed so long before its end, and then he is told


class Qualification(models.Model):
    """A skill. Of one organisation, or of the site (organisation null); a measured one is read, never granted."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="qualifications", db_index=False
    )
    name = models.CharField(_("name"), max_length=150)
    description = models.TextField(_("description"), blank=True)
    system = models.CharField(max_length=20, choices=System, blank=True)
    subject = models.CharField(max_length=60, blank=True)  # of a system one: the language, the kind of work
    public = models.BooleanField(default=True)  # listed for workers, who may take its test
    asking = models.CharField(max_length=10, choices=Asking, default=Asking.NONE, blank=True)
    auto_value = models.SmallIntegerField(default=1)  # granted to whoever asks, where that happens at once
    valid_days = models.IntegerField(null=True)  # how long it lasts when earned by a test or by asking; null: for good
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], nulls_distinct=False, name="qualifications_name_unique"
            ),
            models.UniqueConstraint(
                fields=["system", "subject"], condition=~Q(system=""), name="qualifications_system_unique"
            ),
            models.CheckConstraint(condition=Q(asking__in=Asking.values), name="qualifications_asking"),
            models.CheckConstraint(
                condition=~Q(asking=Asking.DOCUMENT) | Q(organisation=None), name="qualifications_document_of_site"
            ),
            models.CheckConstraint(condition=Q(auto_value__range=(0, 100)), name="qualifications_auto_value"),
            models.CheckConstraint(condition=Q(valid_days=None) | Q(valid_days__gt=0), name="qualifications_valid"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def measured(self) -> bool:
        """Read from the worker, granted by nobody."""
        return self.system in MEASURED


class Test(models.Model):
    """Questions in the words of a label config, graded by machine. A new version replaces the one before."""

    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="tests", db_index=False)
    version = models.IntegerField()
    config = models.JSONField()  # a label config, as in projects
    items = models.JSONField()  # qualifications.answer_keys has their form
    mapping = models.JSONField(default=dict, blank=True)  # points to value; empty: share of the points, in per cent
    draw = models.JSONField(default=dict, blank=True)  # pool -> how many of its items a try gets; empty: all, in order
    training = models.BooleanField(default=False)  # item by item, with an explanation after each wrong answer
    pass_mark = models.SmallIntegerField()  # the least value that passes; the value reached becomes the grant's
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


class TestPay(models.Model):
    """What a try at a test pays, and the money set aside for tries that nobody has begun yet."""

    qualification = models.OneToOneField(Qualification, on_delete=models.PROTECT, related_name="test_pay")
    currency = models.CharField(max_length=3)
    reward_micros = models.BigIntegerField(default=0)  # 0: no further try is paid
    fee_micros = models.BigIntegerField(default=0)
    reserve_micros = models.BigIntegerField(default=0)
    told_at = models.DateTimeField(null=True)  # that it is used up; null again once more is set aside

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reward_micros__gte=0, fee_micros__gte=0, reserve_micros__gte=0),
                name="qualifications_test_pay_money",
            ),
        ]

    def __str__(self) -> str:
        return f"pay for tests of qualification {self.qualification_id}"

    @property
    def price_micros(self) -> int:
        """What a try costs whoever pays for it."""
        return self.reward_micros + self.fee_micros

    @property
    def tries(self) -> int:
        """So many more are paid for."""
        return self.reserve_micros // self.price_micros if self.price_micros else 0


class Attempt(models.Model):
    """A worker takes a test: one at a time, within its time; handed in, it is graded at once and never changed."""

    test = models.ForeignKey(Test, on_delete=models.PROTECT, related_name="attempts")
    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="attempts")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="attempts")
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.ACTIVE)
    started_at = models.DateTimeField()
    deadline = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    drawn = ArrayField(models.SmallIntegerField(), default=list)  # places of its items in the test, as they are asked
    answers = models.JSONField(null=True)  # in that order; of a training under way those given so far
    draft = models.JSONField(null=True)  # what is typed and not handed in: {"fields": ..., "revision": ...}
    score = models.SmallIntegerField(null=True)  # the value reached
    passed = models.BooleanField(null=True)
    # Frozen when it begins: what is paid for it when it is handed in, passed or not. 0: nothing.
    reward_micros = models.BigIntegerField(default=0, db_default=0)
    fee_micros = models.BigIntegerField(default=0, db_default=0)
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["qualification", "worker"],
                condition=Q(reward_micros__gt=0, state__in=["active", "submitted"]),
                name="qualifications_attempt_paid_once",
            ),
            models.CheckConstraint(
                condition=Q(reward_micros=0, fee_micros=0) | Q(reward_micros__gt=0, fee_micros__gte=0),
                name="qualifications_attempt_pay",
            ),
            models.UniqueConstraint(
                fields=["qualification", "worker"],
                condition=Q(state="active"),
                name="qualifications_attempt_one_active",
            ),
            models.CheckConstraint(condition=Q(state__in=AttemptState.values), name="qualifications_attempt_state"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk} of worker {self.worker_id}"

    @property
    def pays_micros(self) -> int | None:
        """None: it is not paid."""
        return self.reward_micros or None


class Grant(models.Model):
    """A worker holds a qualification with a value. One row a pair for ever; its history is in the audit log."""

    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="grants", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="grants", db_index=False)
    state = models.CharField(max_length=10, choices=GrantState, default=GrantState.GRANTED)
    value = models.SmallIntegerField(default=100)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    end_told = models.DateTimeField(null=True)  # the end of which the worker was told that it comes near

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["qualification", "worker"], name="qualifications_grant_unique"),
            models.CheckConstraint(condition=Q(value__range=(0, 100)), name="qualifications_grant_value"),
            models.CheckConstraint(condition=Q(state__in=GrantState.values), name="qualifications_grant_state"),
        ]
        indexes = [
            models.Index(fields=["worker"], name="qualifications_grant_worker"),
            models.Index(
                fields=["expires_at"],
                condition=Q(state="granted", expires_at__isnull=False),
                name="qualifications_grant_end",
            ),
        ]

    def __str__(self) -> str:
        return f"qualification {self.qualification_id} of worker {self.worker_id}"

    def ends_soon(self, now: datetime) -> bool:
        """In its last two weeks, or the last half of a shorter time: then it may be renewed. Also when it has ended."""
        if self.expires_at is None:
            return False
        return self.expires_at - now <= min(RENEWAL, (self.expires_at - self.granted_at) / 2)


class GrantRequest(models.Model):
    """A worker asks for a qualification. `document` is encrypted with his own key; staff alone read it."""

    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="requests")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="grant_requests")
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.OPEN)
    message = models.TextField(blank=True)
    document = models.BinaryField(null=True)
    document_type = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # the worker reads it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["qualification", "worker"],
                condition=Q(state=RequestState.OPEN),
                name="qualifications_request_one_open",
            ),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="qualifications_request_state"),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN, decided_at=None)
                | (~Q(state=RequestState.OPEN) & Q(decided_at__isnull=False)),
                name="qualifications_request_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk} of worker {self.worker_id}"


class SkillAccuracy(models.Model):
    """A worker's known answers of one kind of work, older ones counting less (`qualifications.skills`)."""

    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="skills", db_index=False)
    right = models.FloatField()  # faded to `as_of`
    wrong = models.FloatField()
    brought_right = models.FloatField(default=0)  # from other sites, discounted and faded likewise
    brought_wrong = models.FloatField(default=0)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker", "qualification"], name="qualifications_skill_unique"),
            models.CheckConstraint(condition=Q(right__gte=0, wrong__gte=0), name="qualifications_skill_counts"),
        ]

    def __str__(self) -> str:
        return f"accuracy of worker {self.worker_id} in qualification {self.qualification_id}"


class BroughtRecord(models.Model):
    """What another site said about a worker, signed by it. The newest one of each site."""

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="brought_records", db_index=False)
    site = models.CharField(max_length=200)
    skills = models.JSONField()  # [{"kind", "right", "wrong", "as_of"}]
    content = models.JSONField()  # the whole of it
    brought_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worker", "site"], name="qualifications_brought_once")]

    def __str__(self) -> str:
        return f"record of worker {self.worker_id} from {self.site}"
