from django.conf import settings
from django.db import models
from django.db.models import Q

from crowd.assignments.models import Assignment
from crowd.consensus.models import AggregationRun
from crowd.gold.states import Change, ContestState, RevisionState
from crowd.projects.models import Project, Task


class Revision(models.Model):
    """A change of one gold task's key, and how far everything that the old key caused has been put right."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="gold_revisions", db_index=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="gold_revisions")
    change = models.CharField(max_length=10, choices=Change)
    before = models.JSONField(null=True)  # the key as it was, and as it is
    after = models.JSONField(null=True)
    reason = models.TextField()  # workers whose record changes read it
    keep_answers = models.BooleanField(default=False)  # retired, but what was answered stays as it was scored
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=RevisionState, default=RevisionState.DUE)
    through = models.BigIntegerField(default=0)  # the last assignment that was gone through
    # Sums so far: answers gone through, righted, voided; pauses lifted, rejections overturned, micros repaid.
    found = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RevisionState.values), name="gold_revision_state"),
            models.CheckConstraint(condition=Q(change__in=Change.values), name="gold_revision_change"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="due"), name="gold_revision_due"),
            models.Index(fields=["project", "-id"], name="gold_revision_project"),
        ]

    def __str__(self) -> str:
        return f"revision {self.pk} of task {self.task_id}"


class Contest(models.Model):
    """A worker says that the key of a gold task he missed is wrong. One an answer; the requester does not learn who."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="gold_contests")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="gold_contests")
    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="contest")
    text = models.TextField()
    contested_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ContestState, default=ContestState.OPEN)
    reply = models.TextField(blank=True)  # the worker reads it
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=ContestState.values), name="gold_contest_state")]
        indexes = [models.Index(fields=["project", "task"], condition=Q(state="open"), name="gold_contest_open")]

    def __str__(self) -> str:
        return f"contest {self.pk} of task {self.task_id}"


class Watch(models.Model):
    """The last aggregation whose consensus was held against the workers of a project (services.watch)."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(AggregationRun, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"watch of project {self.project_id}"


class Audit(models.Model):
    """The last aggregation after which the gold of a project was audited (services.flags)."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(AggregationRun, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"audit of project {self.project_id}"


class Flag(models.Model):
    """What the last audit found about a gold task, and its project's members were told; gone when it is no more so."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=20)  # doubtful, leaked
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "name"], name="gold_flag_once")]

    def __str__(self) -> str:
        return f"{self.name}: task {self.task_id}"
