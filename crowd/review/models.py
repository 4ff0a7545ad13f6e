from django.conf import settings
from django.db import models
from django.db.models import Q

from crowd.assignments.models import Participation, Rejection
from crowd.projects.models import Project
from crowd.review.states import AppealState, Subject
from crowd.users.models import Organisation
from workers.models import Block, Worker


class Appeal(models.Model):
    """A worker contests what was decided about him. It is decided once, by somebody else, within its time."""

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="appeals")
    subject = models.CharField(max_length=10, choices=Subject)
    rejection = models.OneToOneField(Rejection, on_delete=models.PROTECT, null=True, related_name="appeal")
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, null=True, related_name="appeals")
    block = models.OneToOneField(Block, on_delete=models.PROTECT, null=True, related_name="appeal")
    # Whose decision it is about; null: the site's.
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="appeals")
    about_at = models.DateTimeField()  # when that was decided
    text = models.TextField()
    state = models.CharField(max_length=10, choices=AppealState, default=AppealState.OPEN)
    peers = models.SmallIntegerField(default=0)  # further answers to the task that were asked for, as evidence
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

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="ratings")
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
