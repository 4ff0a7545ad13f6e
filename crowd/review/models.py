from django.conf import settings
from django.db import models
from django.db.models import Q

from crowd.assignments.models import Participation, Rejection
from crowd.projects.models import Project, Task
from crowd.review.states import AppealState, Cause, ReviewState, Subject
from crowd.users.models import Organisation
from workers.models import Block, Worker


class Appeal(models.Model):
    """A worker contests what was decided about him. It is decided once, by somebody else, within its time."""

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="appeals")
    subject = models.CharField(max_length=10, choices=Subject)
    rejection = models.OneToOneField(Rejection, on_delete=models.PROTECT, null=True, related_name="appeal")
    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, null=True, related_name="appeals", db_index=False
    )
    block = models.OneToOneField(Block, on_delete=models.PROTECT, null=True, related_name="appeal")
    # Whose decision it is about; null: the site's.
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="appeals")
    about_at = models.DateTimeField()  # when that was decided
    text = models.TextField()
    state = models.CharField(max_length=10, choices=AppealState, default=AppealState.OPEN)
    peers = models.SmallIntegerField(default=0)  # further answers to the task that were asked for, as evidence
    peers_tier = models.SmallIntegerField(default=0, db_default=0)  # the tier that the task stood in then
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()  # undecided at this time, the worker is right
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)  # what the peers had said when it was decided

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="review_appeal_state"),
            models.CheckConstraint(
                condition=Q(subject="rejection", rejection__isnull=False, participation=None, block=None)
                | Q(subject="pause", rejection=None, participation__isnull=False, block=None)
                | Q(subject="block", rejection=None, participation=None, block__isnull=False),
                name="review_appeal_subject",
            ),
            models.UniqueConstraint(fields=["participation", "about_at"], name="review_appeal_once_a_pause"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="open"), name="review_appeal_open"),
            models.Index(fields=["organisation", "-id"], name="review_appeal_organisation"),
        ]


class Rating(models.Model):
    """What a worker says about the requester of a project he worked in. From 1 (bad) to 5 (good)."""

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="ratings", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="ratings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    pay = models.SmallIntegerField()
    clarity = models.SmallIntegerField()
    fairness = models.SmallIntegerField()
    rated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker", "project"], name="review_rating_once"),
            models.CheckConstraint(
                condition=Q(pay__range=(1, 5), clarity__range=(1, 5), fairness__range=(1, 5)),
                name="review_rating_range",
            ),
        ]


class ReviewPlan(models.Model):
    """Which tasks of a project experts look at, what a review pays, and what rework pays. Workers read it before."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="review_plan")
    share = models.DecimalField(max_digits=4, decimal_places=3, default=0)  # of all complete tasks, drawn by lot
    low_posterior = models.FloatField(null=True)  # below it a merged answer is reviewed
    disagreement = models.BooleanField(default=False)
    new_worker_answers = models.SmallIntegerField(default=0)  # who has given at most so many here is new; 0: nobody
    two_levels = models.BooleanField(default=False)
    reward_micros = models.BigIntegerField(default=0)  # a review, to reviewers who are no members
    fee_micros = models.BigIntegerField(default=0)
    rework_reward_micros = models.BigIntegerField(default=0)  # added to the reward of an answer that is sent back
    rework_fee_micros = models.BigIntegerField(default=0)
    rework_hours = models.SmallIntegerField(default=48)
    through_run = models.BigIntegerField(default=0)  # the aggregation that tasks were last chosen after

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    share__range=(0, 1), reward_micros__gte=0, rework_reward_micros__gte=0, rework_hours__range=(1, 720)
                ),
                name="review_plan_range",
            ),
        ]


class Reviewer(models.Model):
    """A worker whom a requester trusts to review. Members of the organisation may review without being named."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reviewers", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="reviewing")
    level = models.SmallIntegerField(default=1)  # 2: also decides what a first reviewer wants to change
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "worker"], name="review_reviewer_once"),
            models.CheckConstraint(condition=Q(level__in=(1, 2)), name="review_reviewer_level"),
        ]


class TaskReview(models.Model):
    """One look of an expert at one task and all its answers side by side."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="task_reviews")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    round = models.SmallIntegerField(default=1)  # a further one after rework
    level = models.SmallIntegerField(default=1)
    cause = models.CharField(max_length=10, choices=Cause)
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.OPEN)
    opened_at = models.DateTimeField()
    reviewer = models.ForeignKey(Worker, on_delete=models.PROTECT, null=True, related_name="task_reviews")
    taken_until = models.DateTimeField(null=True)
    # Frozen when it is taken: promised to the reviewer, out of the project's review reserve when it is done.
    reward_micros = models.BigIntegerField(default=0)
    fee_micros = models.BigIntegerField(default=0)
    verdicts = models.JSONField(default=list)  # [{"assignment": id, "deed": ..., "comment": ...}]
    value = models.JSONField(null=True)  # his own answer, as it was sent
    carried_out = models.BooleanField(default=False)  # false: a second reviewer decides
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "round", "level"], name="review_task_once"),
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="review_task_state"),
        ]
        indexes = [
            models.Index(fields=["project", "id"], condition=Q(state__in=["open", "taken"]), name="review_task_waiting")
        ]
