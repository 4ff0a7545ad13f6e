"""Who may work: further tiers, requirements, exclusions, private teams."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from crowd.projects.models.project import Project
from qualifications.models import Qualification
from qualifications.states import Comparator, Guard
from workers.models import Worker


class Tier(models.Model):
    """Specialists to whom hard tasks of a project go; tier 0, with no row here, is the project's own terms.

    A task goes up from the tier below once one of the causes holds that are set: its merged answer's posterior is under
    `below_posterior`, the share of answers that differ from it is above `above_disagreement`, or `expert_calls` workers
    said that it needs an expert. Then `redundancy` further answers are asked of workers who meet the tier's
    requirements on top of the project's, each for its own reward, paid out of its reserve; and more, one by one, up to
    `most_answers` of them (null: no more), while one more is worth its price (crowd.consensus.services.buy).
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tiers", db_index=False)
    number = models.SmallIntegerField()  # 1 above the project's own, and so on
    name = models.CharField(max_length=100)
    reward_micros = models.BigIntegerField()
    fee_micros = models.BigIntegerField(default=0)  # set when the price is paid
    redundancy = models.SmallIntegerField(default=1)
    most_answers = models.SmallIntegerField(null=True)
    below_posterior = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    above_disagreement = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    expert_calls = models.SmallIntegerField(null=True)
    budget_micros = models.BigIntegerField(default=0)  # a draft's wish; reserved at publish
    reserve_micros = models.BigIntegerField(default=0)  # a named part of the project's escrow
    told_at = models.DateTimeField(null=True)  # the requester was told that the reserve pays for no further task
    # Up to this aggregation nothing was left below that is in doubt and could be sent here; 0: look.
    through_run = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="projects_tier_unique"),
            models.CheckConstraint(
                condition=Q(number__range=(1, 100), redundancy__range=(1, 100)), name="projects_tier_numbers"
            ),
            models.CheckConstraint(
                condition=Q(most_answers=None) | Q(most_answers__gt=F("redundancy"), most_answers__lte=100),
                name="projects_tier_most_answers",
            ),
            models.CheckConstraint(
                condition=Q(reward_micros__gte=0, fee_micros__gte=0, budget_micros__gte=0, reserve_micros__gte=0),
                name="projects_tier_money",
            ),
            models.CheckConstraint(
                condition=Q(below_posterior__isnull=False)
                | Q(above_disagreement__isnull=False)
                | Q(expert_calls__isnull=False, expert_calls__gte=1),
                name="projects_tier_cause",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price_micros(self) -> int:
        """What one accepted answer of a specialist costs the requester."""
        return self.reward_micros + self.fee_micros

    @property
    def task_micros(self) -> int:
        """What it costs to send one task here."""
        return self.redundancy * self.price_micros


class Requirement(models.Model):
    """One condition on who may work. All of a project's must hold (MTurk's semantics), of a group (not 0) one."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="requirements", db_index=False)
    tier = models.SmallIntegerField(default=0)  # 0: to work here at all; else to be given that tier's tasks
    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="+")
    comparator = models.CharField(max_length=25, choices=Comparator)
    values = ArrayField(models.IntegerField(), default=list, blank=True)
    locales = ArrayField(models.CharField(max_length=6), default=list, blank=True)  # "DE", "US-CA"
    guard = models.CharField(max_length=10, choices=Guard, default=Guard.ACCEPT)
    group = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "tier", "qualification", "comparator", "group"], name="projects_requirement_unique"
            ),
            models.CheckConstraint(condition=Q(guard__in=Guard.values), name="projects_requirement_guard"),
            models.CheckConstraint(
                condition=Q(comparator__in=Comparator.values), name="projects_requirement_comparator"
            ),
        ]


class Exclusion(models.Model):
    """Who answered in `other` may not work on `project`."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="exclusions", db_index=False)
    other = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "other"], name="projects_exclusion_unique")]


class TeamInvitation(models.Model):
    """A link into a project's private team."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="team_invitations")
    token_digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    uses_left = models.IntegerField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(uses_left__gte=0), name="projects_invitation_uses")]


class TeamMember(models.Model):
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="team", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="teams")
    joined_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "worker"], name="projects_team_member_unique")]
