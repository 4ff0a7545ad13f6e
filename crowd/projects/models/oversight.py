"""What staff and workers think of a project: reviews and reports."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from crowd.projects.models.project import Project
from crowd.projects.states import (
    ReportKind,
    ReviewCause,
    ReviewState,
)
from workers.models import Worker


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
