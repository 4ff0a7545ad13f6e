from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from crowd.assignments.states import AssignmentState, Evidence, HeldState, ParticipationState, RejectionState
from crowd.projects.models import ConfigVersion, GuidelinesVersion, MediaFile, Project, Task
from workers.models import Worker

# Rows of these tables point at the project and its versions without a database constraint: the check of one would
# lock the shared row at every take and submit. Projects and versions are never deleted; `verify` looks for orphans.


class Participation(models.Model):
    """One worker in one project. Locked first by everything he does there, so that he is one person at a time."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="participations")
    state = models.CharField(max_length=10, choices=ParticipationState, default=ParticipationState.ACTIVE)
    joined_at = models.DateTimeField(db_default=Now())
    cursor = models.IntegerField()  # where his walk along the ring stands
    # Tallies of his own: no row that all workers share is written when one of them submits.
    taken_count = models.IntegerField(default=0)  # tasks taken and not given back
    submitted_count = models.IntegerField(default=0)
    next_gold_at = models.IntegerField(default=0)  # the value of submitted_count at which gold is due
    gold_right = models.IntegerField(default=0)
    gold_wrong = models.IntegerField(default=0)
    forgiven_right = models.IntegerField(default=0)  # of these, from before a lifted pause: no reason for another
    forgiven_wrong = models.IntegerField(default=0)
    gold_spent_micros = models.BigIntegerField(default=0)  # taken from the project's gold reserve
    quiz_owed_micros = models.BigIntegerField(default=0)  # kept back in it for the rest of his quiz
    next_repeat_at = models.IntegerField(default=0, db_default=0)  # as next_gold_at, for a repeat
    repeat_spent_micros = models.BigIntegerField(default=0, db_default=0)  # taken from the reserve for repeats
    # Towards the project's pay floor, in sum: what is due to him by now (never falls), and what of it is paid.
    top_up_due_micros = models.BigIntegerField(default=0, db_default=0)
    topped_up_micros = models.BigIntegerField(default=0, db_default=0)
    # What his eligibility was last checked against (crowd.assignments.services.gate), and until when.
    eligible_for = models.CharField(max_length=40, blank=True)
    eligible_until = models.DateTimeField(null=True)
    # The further tiers (projects.Tier) whose tasks he may be given, by the same check.
    tiers = ArrayField(models.SmallIntegerField(), default=list, blank=True)
    guidelines_read = models.IntegerField(null=True)  # the version that he confirmed
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.TextField(blank=True)
    pause_evidence = models.JSONField(default=dict)
    lifted_at = models.DateTimeField(null=True)  # the last pause ended: rules forgive what came before
    # Set in the submit that paused him; the job that takes his answers out of the count clears it.
    recount_due = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "worker"], name="assignments_participation_unique"),
            models.CheckConstraint(
                condition=Q(state__in=ParticipationState.values), name="assignments_participation_state"
            ),
            models.CheckConstraint(
                condition=Q(
                    gold_spent_micros__gte=0,
                    repeat_spent_micros__gte=0,
                    quiz_owed_micros__gte=0,
                    submitted_count__gte=0,
                    taken_count__gte=0,
                ),
                name="assignments_participation_tallies",
            ),
            models.CheckConstraint(
                condition=Q(topped_up_micros__gte=0, topped_up_micros__lte=F("top_up_due_micros")),
                name="assignments_participation_topped_up",
            ),
        ]
        indexes = [
            models.Index(fields=["project"], condition=Q(recount_due=True), name="assignments_recount_due"),
            models.Index(
                fields=["project"],
                condition=Q(top_up_due_micros__gt=F("topped_up_micros")),
                name="assignments_top_up_owed",
            ),
        ]


class Assignment(models.Model):
    """One worker holding one task. One row a pair for ever, and one more if it is repeated; a further attempt uses the
    same row again."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    state = models.CharField(max_length=10, choices=AssignmentState, default=AssignmentState.ACTIVE)
    attempt = models.SmallIntegerField(default=1)
    counts = models.BooleanField(default=True)  # fills a slot of its task, apart from its state
    is_gold = models.BooleanField()
    # A task that he had answered himself, given to him again to see how steady his opinion is: paid, and fills no slot.
    is_repeat = models.BooleanField(default=False, db_default=False)
    tier = models.SmallIntegerField(default=0, db_default=0)  # of its task when it was taken
    # Frozen when it is taken: what is promised to the worker, and what it costs the requester.
    reward_micros = models.BigIntegerField()
    fee_micros = models.BigIntegerField()
    config = models.ForeignKey(
        ConfigVersion, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    guidelines = models.ForeignKey(
        GuidelinesVersion, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+", null=True
    )
    taken_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)  # null: reserved ahead, its clock has not started
    deadline = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # undecided at this time, it is accepted
    decided_at = models.DateTimeField(null=True)
    gold_score = models.FloatField(null=True)
    gold_passed = models.BooleanField(null=True)
    return_reason = models.CharField(max_length=20, blank=True)
    # Sent back for rework: the attempt that stands unless he submits another. What rework adds to the price.
    rework_of = models.SmallIntegerField(null=True)
    rework_reward_micros = models.BigIntegerField(default=0, db_default=0)
    rework_fee_micros = models.BigIntegerField(default=0, db_default=0)
    corrected = models.BooleanField(
        default=False, db_default=False
    )  # a reviewer's answer stands in its place: paid, but no vote
    for_review = models.BooleanField(
        default=False, db_default=False
    )  # a reviewer's own answer: fills no slot, paid as a review

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "task", "worker", "is_repeat"], name="assignments_once_and_one_repeat"
            ),
            models.CheckConstraint(condition=Q(state__in=AssignmentState.values), name="assignments_state"),
            models.CheckConstraint(
                condition=~Q(state__in=["returned", "expired", "rejected"]) | Q(counts=False),
                name="assignments_counting_states",
            ),
            models.CheckConstraint(condition=Q(reward_micros__gte=0, fee_micros__gte=0), name="assignments_price"),
            models.CheckConstraint(condition=Q(rework_of=None) | Q(state="active"), name="assignments_rework"),
            models.CheckConstraint(condition=Q(for_review=False) | Q(counts=False), name="assignments_for_review"),
            models.CheckConstraint(
                condition=Q(is_repeat=False) | Q(counts=False, is_gold=False, for_review=False, tier=0),
                name="assignments_repeat",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=False) | Q(state__in=["active", "expired"]), name="assignments_opened"
            ),
            models.UniqueConstraint(
                fields=["project", "worker"],
                condition=Q(state="active", opened_at=None),
                name="assignments_one_ahead",
            ),
        ]
        indexes = [
            models.Index(fields=["deadline"], condition=Q(state="active"), name="assignments_deadline"),
            models.Index(fields=["project", "worker"], condition=Q(state="active"), name="assignments_current"),
            models.Index(fields=["due_at"], condition=Q(state="submitted"), name="assignments_due"),
            models.Index(fields=["project", "task"], condition=Q(state="submitted"), name="assignments_undecided"),
            models.Index(fields=["worker", "-id"], name="assignments_of_worker"),
            models.Index(fields=["project", "id"], name="assignments_of_project"),
            models.Index(fields=["project", "worker"], condition=Q(is_repeat=True), name="assignments_repeats"),
            models.Index(
                fields=["project", "worker", "submitted_at", "id"],
                condition=Q(is_gold=True, submitted_at__isnull=False),
                name="assignments_gold_given",
            ),
        ]


class Leaving(models.Model):
    """A task whose content was warned of was left, and the time spent on it is paid. Insert-only."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="leavings", db_index=False)
    attempt = models.SmallIntegerField()
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    left_at = models.DateTimeField()
    seconds = models.IntegerField()  # active time, never more than had passed
    reward_micros = models.BigIntegerField()  # of it: paid at that moment
    fee_micros = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "attempt"], name="assignments_left_once"),
            models.CheckConstraint(
                condition=Q(seconds__gte=0, reward_micros__gte=0, fee_micros__gte=0), name="assignments_left_amounts"
            ),
        ]
        indexes = [models.Index(fields=["worker", "left_at"], name="assignments_left_by")]


class Draft(models.Model):
    """What a worker has typed and not submitted: one row an assignment, of its newest attempt; never an answer."""

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="draft")
    attempt = models.SmallIntegerField()
    value = models.JSONField()  # as the page holds it; may be unfinished
    active_ms = models.IntegerField(default=0)
    revision = models.IntegerField(default=1)
    saved_at = models.DateTimeField()


class Answer(models.Model):
    """What was submitted for one attempt. Insert-only: what a person said is never changed."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="answers", db_index=False)
    attempt = models.SmallIntegerField()
    task = models.ForeignKey(Task, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    config = models.ForeignKey(
        ConfigVersion, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    value = models.JSONField()  # canonical, crowd.labeling.answers
    cannot_answer = models.CharField(max_length=20, blank=True)  # the reason, where it is a report
    late = models.BooleanField(default=False)  # after the deadline
    submitted_at = models.DateTimeField()
    elapsed_ms = models.IntegerField()
    active_ms = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "assignment", "attempt"], name="assignments_answer_once"),
        ]
        indexes = [models.Index(fields=["project", "id"], name="assignments_answer_log")]


class Rejection(models.Model):
    """Why an answer is not paid, who said so, and until when he can be overruled. One a rejected assignment."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="rejections", db_index=False)
    state = models.CharField(max_length=10, choices=RejectionState, default=RejectionState.HELD)
    evidence = models.CharField(max_length=10, choices=Evidence)
    facts = models.JSONField(default=dict)  # the figures behind the evidence
    reason = models.TextField()  # in words; the worker reads it
    reopened = models.BooleanField()  # the slot was offered to somebody else
    rejected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rejected_at = models.DateTimeField()
    held_until = models.DateTimeField()
    appealed = models.BooleanField(default=False)  # held until the appeal is decided, whatever the window
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolution = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment"], name="assignments_rejection_once"),
            models.CheckConstraint(condition=Q(state__in=RejectionState.values), name="assignments_rejection_state"),
            models.CheckConstraint(condition=Q(evidence__in=Evidence.values), name="assignments_rejection_evidence"),
        ]
        indexes = [
            models.Index(fields=["held_until"], condition=Q(state="held"), name="assignments_rejection_held"),
            models.Index(fields=["project", "id"], name="assignments_rejection_project"),
        ]


class HeldBatch(models.Model):
    """Many rejections at once, which staff look at before any of them is carried out. The answers stay undecided."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="held_batches")
    state = models.CharField(max_length=10, choices=HeldState, default=HeldState.HELD)
    lines = models.JSONField()  # crowd.assignments.services.batches.line, each in the name of who asked for it
    reason = models.TextField()
    reopen = models.BooleanField()
    share = models.FloatField()  # of all that is decided in the project, these included
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=HeldState.values), name="assignments_heldbatch_state"),
            # One a project at a time: what is asked meanwhile is asked when staff have answered.
            models.UniqueConstraint(
                fields=["project"], condition=Q(state="held"), name="assignments_heldbatch_one_waits"
            ),
        ]


class Contribution(models.Model):
    """A file that a worker brought for a question of his task, kept as media of the project. In an answer from
    `answered_at` on; what never comes into one is deleted after a while."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="contributions", db_index=False)
    unit = models.SmallIntegerField()
    question = models.CharField(max_length=100)
    media = models.OneToOneField(MediaFile, on_delete=models.PROTECT, related_name="contribution")
    sha256 = models.CharField(max_length=64)  # the file's
    created_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "unit", "question", "sha256"], name="assignments_contribution_once"
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(answered_at=None), name="assignments_contribution_idle")
        ]

    def __str__(self) -> str:
        return f"file {self.media_id} of assignment {self.assignment_id}"
