from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crowd.projects.states import (
    ImportState,
    PayPolicy,
    PersonalData,
    ProjectState,
    ReportKind,
    ReviewCause,
    ReviewState,
    TaskState,
    Workforce,
)
from crowd.users.models import Organisation
from qualifications.models import Qualification
from qualifications.states import Comparator, Guard
from workers.models import Worker

ONE_WEEK_S = 7 * 24 * 3600


class Project(models.Model):
    """One posted piece of work, with everything that was promised about it. Not locked while tasks are taken."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="projects")
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
    # The named parts of the escrow that are not an assignment's or a free slot's (docs/money.md). What gold
    # tasks took from the gold reserve stands on the participations, so that no take writes this row.
    gold_reserve_micros = models.BigIntegerField(default=0)
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
                condition=Q(minimum_accuracy=None) | Q(minimum_accuracy__range=(0, 1)),
                name="projects_project_minimum_accuracy",
            ),
            models.CheckConstraint(
                condition=Q(auto_accept_s__range=(0, 30 * 24 * 3600)), name="projects_project_auto_accept"
            ),
            models.CheckConstraint(
                condition=Q(
                    gold_reserve_micros__gte=0,
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


class ConfigVersion(models.Model):
    """A label config as it was shown. Insert-only."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="configs")
    version = models.IntegerField()
    config = models.JSONField()
    mapping = models.JSONField(default=dict)  # from the version before: question -> old label -> new one, or null
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="projects_config_version")]


class LabelTree(models.Model):
    """The labels of a taxonomy, [[id, title, parent], ...]: kept beside the configs that name them. Insert-only."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="label_trees")
    sha256 = models.CharField(max_length=64)
    nodes = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "sha256"], name="projects_label_tree_once")]

    def __str__(self) -> str:
        return f"label tree {self.pk} of project {self.project_id}"


class GuidelinesVersion(models.Model):
    """Guidelines (Markdown) as they were shown. Insert-only."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="guidelines_versions")
    version = models.IntegerField()
    text = models.TextField()
    parts = models.JSONField(
        default=dict
    )  # what the text was put together from, label by label; empty: written as it is
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="projects_guidelines_version")]


class Tier(models.Model):
    """Specialists to whom hard tasks of a project go; tier 0, with no row here, is the project's own terms.

    A task goes up from the tier below once one of the causes holds that are set: its merged answer's posterior is under
    `below_posterior`, the share of answers that differ from it is above `above_disagreement`, or `expert_calls` workers
    said that it needs an expert. Then `redundancy` further answers are asked of workers who meet the tier's
    requirements on top of the project's, each for its own reward, paid out of its reserve.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tiers")
    number = models.SmallIntegerField()  # 1 above the project's own, and so on
    name = models.CharField(max_length=100)
    reward_micros = models.BigIntegerField()
    fee_micros = models.BigIntegerField(default=0)  # set when the price is paid
    redundancy = models.SmallIntegerField(default=1)
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

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="requirements")
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

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="exclusions")
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
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="team")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="teams")
    joined_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "worker"], name="projects_team_member_unique")]


class Upload(models.Model):
    """A file of items on its way in: its report names every bad row, and nothing is imported halfway."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="uploads")
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.WAITING)
    format = models.CharField(max_length=10)  # csv, jsonl, zip; json: rows sent in one call
    filename = models.CharField(max_length=255)
    storage_name = models.CharField(max_length=255)
    options = models.JSONField(default=dict)  # crowd.projects.imports.options
    rows_good = models.IntegerField(default=0)
    rows_bad = models.IntegerField(default=0)
    rows_known = models.IntegerField(default=0)
    errors = models.JSONField(default=list)  # [{"row": 3, "column": "label", "reason": "..."}], the first thousand
    attempt = models.SmallIntegerField(default=0)  # only the newest attempt may load: an older one was given up
    alive_at = models.DateTimeField(null=True)  # the last sign of life of whoever runs it
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=ImportState.values), name="projects_upload_state")]


class StagedFile(models.Model):
    """A file of items that came before it was said what is asked: its columns are known, nothing is imported yet."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="staged")
    storage_name = models.CharField(max_length=255)
    filename = models.CharField(max_length=255)
    format = models.CharField(max_length=10)  # csv, jsonl, zip
    delimiter = models.CharField(max_length=1, default=",")
    size = models.BigIntegerField()
    columns = models.JSONField()  # their names, in order
    sample = models.JSONField()  # the first rows
    chosen = models.JSONField(default=dict)  # {"kind", "field", "options"}: what the columns are, once that was said
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())


class MediaFile(models.Model):
    """A requester's image, sound or film in our storage; seen only through signed addresses that expire."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="media")
    storage_name = models.CharField(max_length=255)
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.IntegerField(null=True)  # natural pixels as it is seen (EXIF rotation applied); null: no picture
    height = models.IntegerField(null=True)
    seconds = models.FloatField(null=True)  # how long it plays
    source_url = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())


class Item(models.Model):
    """One datum of the requester's, all its columns kept as they came."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="items")
    key = models.CharField(max_length=200, null=True)  # noqa: DJ001  (null: no key; "" would collide)
    data = models.JSONField()
    media = models.ForeignKey(MediaFile, on_delete=models.PROTECT, null=True, related_name="+")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, null=True, related_name="+")
    redundancy = models.SmallIntegerField(null=True)  # null: the project's
    gold = models.JSONField(null=True)  # the known answer, canonical ({"units": [...]}); null: not gold
    gold_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="projects_item_key"),
            models.CheckConstraint(
                condition=Q(redundancy=None) | Q(redundancy__range=(1, 1000)), name="projects_item_redundancy"
            ),
        ]
        indexes = [models.Index(fields=["project", "id"], name="projects_item_project")]


class Task(models.Model):
    """The micro-task cut from an item. An ordinary one stands in the ring; a gold one outside of it, without counters.

    `redundancy` answers are wanted; `needed` slots are paid for; `filled` of them hold an active assignment or a
    counting answer; `answered` of them a counting answer. `open` says that a slot is free and may be taken.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tasks")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="tasks")
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.LIVE)
    payload = models.JSONField()  # what the worker sees: {"units": [{...}, ...]}
    source = models.JSONField(default=dict)  # where in its item it came from
    units = models.SmallIntegerField(default=1)
    redundancy = models.SmallIntegerField()
    needed = models.SmallIntegerField()
    filled = models.SmallIntegerField(default=0)
    answered = models.SmallIntegerField(default=0)
    bought = models.SmallIntegerField(db_default=0, default=0)  # of `needed`, what consensus asked for beyond the start
    tier = models.SmallIntegerField(db_default=0, default=0)  # whose its free slots are, and what they cost
    open = models.BooleanField()
    priority = models.SmallIntegerField(default=2)  # 4 first, 0 last
    ring = models.IntegerField()  # a fixed random place, 0 .. 2**31 - 1
    is_gold = models.BooleanField(default=False)
    gold = models.JSONField(null=True)
    gold_reason = models.TextField(blank=True)
    cannot_answer_count = models.SmallIntegerField(default=0)  # reports that stand (counting)
    rejected_count = models.SmallIntegerField(default=0)  # slots reopened by rejection, at most two
    # What is right was said, or said anew, at this moment: no answer to a task taken before counts against anybody.
    ruled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TaskState.values), name="projects_task_state"),
            models.CheckConstraint(
                condition=Q(answered__gte=0, filled__gte=F("answered"), needed__gte=F("filled")),
                name="projects_task_counters",
            ),
            models.CheckConstraint(condition=Q(bought__gte=0), name="projects_task_bought"),
            models.CheckConstraint(
                condition=Q(open=False) | Q(is_gold=False, state="live", filled__lt=F("needed")),
                name="projects_task_open",
            ),
            models.CheckConstraint(
                condition=Q(is_gold=False) | Q(needed=0, filled=0, gold__isnull=False), name="projects_task_gold"
            ),
            models.CheckConstraint(condition=Q(priority__range=(0, 4)), name="projects_task_priority"),
        ]
        indexes = [
            models.Index(
                fields=["project", "tier", "priority", "ring"], condition=Q(open=True), name="projects_task_tier_ring"
            ),
            models.Index(
                fields=["project", "tier"], condition=Q(cannot_answer_count__gt=0), name="projects_task_reported"
            ),
            models.Index(fields=["project", "ring"], condition=Q(is_gold=True), name="projects_task_gold_ring"),
            models.Index(fields=["project", "id"], name="projects_task_project"),
            models.Index(fields=["item"], name="projects_task_item"),
        ]

    @property
    def shown_units(self) -> list[dict[str, Any]]:
        """What each of its units shows."""
        units: list[dict[str, Any]] = self.payload["units"]
        return units


class Review(models.Model):
    """Staff look at a project before the public works on it, or again when workers reported it; until then it rests."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reviews")
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.WAITING)
    cause = models.CharField(max_length=10, choices=ReviewCause)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # the requester reads it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=~Q(state="passed"), name="projects_review_one_standing"
            ),
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="projects_review_state"),
            models.CheckConstraint(condition=Q(cause__in=ReviewCause.values), name="projects_review_cause"),
        ]

    def __str__(self) -> str:
        return f"review {self.pk} of project {self.project_id}"


class Report(models.Model):
    """A worker says that something is wrong with a project. The requester learns what, never who."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reports")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ReportKind)
    text = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)  # the worker reads it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "worker"], condition=Q(handled_at=None), name="projects_report_one_open"
            ),
            models.CheckConstraint(condition=Q(kind__in=ReportKind.values), name="projects_report_kind"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk} of project {self.project_id}"
