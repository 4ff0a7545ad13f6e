"""What was posted and promised: the project itself, with the named parts of its escrow."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crowd.projects.states import (
    PayPolicy,
    PersonalData,
    ProjectState,
    Workforce,
)
from crowd.users.models import Organisation

ONE_WEEK_S = 7 * 24 * 3600


class Project(models.Model):
    """One posted piece of work, with everything that was promised about it. Not locked while tasks are taken."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="projects", db_index=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=ProjectState, default=ProjectState.DRAFT)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    workforce = models.CharField(max_length=10, choices=Workforce, default=Workforce.PUBLIC)
    personal_data = models.CharField(max_length=15, choices=PersonalData, default=PersonalData.NONE)
    content_warnings = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    # What is asked: the current versions; every assignment remembers the ones it showed.
    config = models.ForeignKey("ConfigVersion", on_delete=models.PROTECT, null=True, related_name="+")
    guidelines = models.ForeignKey("GuidelinesVersion", on_delete=models.PROTECT, null=True, related_name="+")
    split = models.JSONField(default=dict, blank=True)
    # Price of one accepted assignment. fee_micros is set at publish.
    currency = models.CharField(max_length=3, default="USD")
    reward_micros = models.BigIntegerField(default=0)
    fee_rate = models.DecimalField(max_digits=5, decimal_places=4, default=Decimal(0))
    fee_micros = models.BigIntegerField(default=0)
    # How a task is given out.
    redundancy = models.SmallIntegerField(default=3)
    # Adaptive: a task opens with `redundancy` answers and gets more, one by one, up to `most_answers` (null: fixed),
    # while its posterior is under the target and the next answer is expected to raise it by more than `least_gain`.
    most_answers = models.SmallIntegerField(null=True, blank=True)
    target_posterior = models.DecimalField(max_digits=5, decimal_places=4, default=Decimal("0.95"))
    least_gain = models.DecimalField(max_digits=5, decimal_places=4, default=Decimal("0.001"))
    expected_s = models.IntegerField(null=True, blank=True)  # what the requester thinks one task takes
    time_limit_s = models.IntegerField(default=600)
    grace_s = models.IntegerField(default=120)
    choose_tasks = models.BooleanField(default=False)
    max_tasks_per_worker = models.IntegerField(null=True, blank=True)
    requirements_version = models.IntegerField(default=1)
    # Gold: its share among a worker's tasks, a quiz of gold at his start, and how sure we must be of him.
    gold_share = models.DecimalField(max_digits=5, decimal_places=4, default=Decimal(0))
    # Smaller shares for who proves himself: [{"from": 50, "share": "0.0500"}], from so many submitted tasks on.
    gold_intervals = models.JSONField(default=list, blank=True)
    quiz_length = models.SmallIntegerField(default=0)
    quiz_cap = models.IntegerField(default=0)  # quizzes the requester pays for
    quiz_pass = models.SmallIntegerField(null=True, blank=True)  # right answers; null: by minimum_accuracy's error rate
    # Opinions have no gold: such a share of a worker's tasks are repeats, which he answered himself so long ago.
    repeat_share = models.DecimalField(max_digits=5, decimal_places=4, default=Decimal(0), db_default=Decimal(0))
    repeat_after = models.SmallIntegerField(default=20, db_default=20)
    explain_misses = models.BooleanField(default=False)  # a missed gold task shows its answer and the reason at once
    minimum_accuracy = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)
    # Pay.
    auto_accept_s = models.IntegerField(default=ONE_WEEK_S)
    pay_policy = models.CharField(max_length=10, choices=PayPolicy, default=PayPolicy.DELAY)
    pay_threshold = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)
    # Aggregation.
    aggregation_method = models.CharField(max_length=30, default="dawid-skene")
    aggregation_parameters = models.JSONField(default=dict, blank=True)
    aggregate_every = models.IntegerField(default=100)
    cannot_answer_limit = models.SmallIntegerField(default=2)
    # The named parts of the escrow that are not an assignment's or a free slot's (docs/money.md). What gold and repeats
    # took from their reserves stands on the participations, so that no take writes this row.
    gold_reserve_micros = models.BigIntegerField(default=0)
    repeat_reserve_micros = models.BigIntegerField(default=0, db_default=0)
    extra_reserve_micros = models.BigIntegerField(default=0)
    # Rewards finally withheld over gold: kept to repay them if the key was wrong, until the project is closed.
    corrections_reserve_micros = models.BigIntegerField(default=0)
    review_reserve_micros = models.BigIntegerField(default=0)  # for reviews and rework
    # The pay floor: what an hour of the typical worker's active time comes to at least, topped up from a reserve of its
    # own (crowd.assignments.services.top_ups). Frozen at publish as the higher of the requester's and the site's.
    pay_floor_micros = models.BigIntegerField(default=0, db_default=0)
    floor_reserve_micros = models.BigIntegerField(default=0, db_default=0)
    floor_missing_micros = models.BigIntegerField(default=0, db_default=0)  # owed, and not there
    floor_measured = models.JSONField(default=dict, db_default={}, blank=True)  # crowd.assignments.pay_floor.Measured
    surplus_micros = models.BigIntegerField(default=0)
    extra_budget_micros = models.BigIntegerField(default=0)  # a draft's wish; reserved for extra answers at publish
    # Slots paid for at publish and by additions of items: what the gold share is counted from.
    planned_slots = models.BigIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    pause_reason = models.TextField(blank=True)
    closing_at = models.DateTimeField(null=True)
    reviews_until = models.DateTimeField(null=True)  # a reviewer has a task in hand till then: closing waits for him
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ProjectState.values), name="projects_project_state"),
            models.CheckConstraint(condition=Q(workforce__in=Workforce.values), name="projects_project_workforce"),
            models.CheckConstraint(condition=Q(pay_policy__in=PayPolicy.values), name="projects_project_pay_policy"),
            models.CheckConstraint(condition=Q(reward_micros__gte=0), name="projects_project_reward"),
            models.CheckConstraint(
                condition=Q(reward_micros__gt=0) | Q(workforce="team", fee_micros=0), name="projects_project_unpaid"
            ),
            models.CheckConstraint(condition=Q(redundancy__range=(1, 1000)), name="projects_project_redundancy"),
            models.CheckConstraint(
                condition=Q(most_answers=None) | Q(most_answers__gt=F("redundancy"), most_answers__lte=1000),
                name="projects_project_most_answers",
            ),
            models.CheckConstraint(
                condition=Q(target_posterior__range=(0, 1), least_gain__range=(0, 1)), name="projects_project_target"
            ),
            models.CheckConstraint(condition=Q(gold_share__range=(0, Decimal("0.9"))), name="projects_project_gold"),
            models.CheckConstraint(
                condition=Q(repeat_share__range=(0, Decimal("0.5")), repeat_after__range=(1, 1000)),
                name="projects_project_repeats",
            ),
            models.CheckConstraint(
                condition=Q(minimum_accuracy=None) | Q(minimum_accuracy__range=(0, 1)),
                name="projects_project_minimum_accuracy",
            ),
            models.CheckConstraint(
                condition=Q(auto_accept_s__range=(0, 30 * 24 * 3600)), name="projects_project_auto_accept"
            ),
            models.CheckConstraint(
                condition=Q(
                    gold_reserve_micros__gte=0,
                    repeat_reserve_micros__gte=0,
                    extra_reserve_micros__gte=0,
                    corrections_reserve_micros__gte=0,
                    review_reserve_micros__gte=0,
                    pay_floor_micros__gte=0,
                    floor_reserve_micros__gte=0,
                    floor_missing_micros__gte=0,
                    surplus_micros__gte=0,
                    extra_budget_micros__gte=0,
                    planned_slots__gte=0,
                ),
                name="projects_project_reserves",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="projects_project_owner"),
            models.Index(fields=["state", "-id"], name="projects_project_listing"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def price_micros(self) -> int:
        """What one accepted assignment costs the requester."""
        return self.reward_micros + self.fee_micros
