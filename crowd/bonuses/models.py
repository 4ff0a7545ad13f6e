from django.conf import settings
from django.db import models
from django.db.models import Q

from crowd.assignments.models import Assignment
from crowd.projects.models import Project
from workers.models import Worker


class Bonus(models.Model):
    """Money beyond the reward, given by a requester to somebody who worked for him. Never changed, never taken back."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="bonuses", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="bonuses", db_index=False)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=100, blank=True)  # the requester's own; one bonus each in a project
    amount_micros = models.BigIntegerField()
    fee_micros = models.BigIntegerField()
    reason = models.TextField()  # the worker reads it
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_micros__gt=0, fee_micros__gte=0), name="bonuses_bonus_amount"),
            models.CheckConstraint(condition=~Q(reason=""), name="bonuses_bonus_reason"),
            models.UniqueConstraint(
                fields=["project", "reference"], condition=~Q(reference=""), name="bonuses_bonus_once"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="bonuses_of_project"),
            models.Index(fields=["worker", "-id"], name="bonuses_of_worker"),
        ]

    def __str__(self) -> str:
        return f"bonus {self.pk}"
