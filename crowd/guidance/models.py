from django.conf import settings
from django.db import models
from django.db.models import Q

from crowd.projects.models import GuidelinesVersion, Project, Task
from workers.models import Worker


class Doubt(models.Model):
    """A worker asks about the guidelines, at the sentence that he doubts; the answer is read by all."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="doubts", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(GuidelinesVersion, on_delete=models.PROTECT, null=True, related_name="+")
    quote = models.TextField(blank=True)  # the sentence, as it stands in that version
    text = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="guidance_doubt_answer",
            )
        ]
        indexes = [models.Index(fields=["project", "-id"], name="guidance_doubt_project")]

    def __str__(self) -> str:
        return f"doubt {self.pk} about project {self.project_id}"


class Ruling(models.Model):
    """The requester decided what is right where accurate workers disagreed: once, for all cases that are alike."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="rulings", db_index=False)
    question = models.CharField(max_length=100)
    one = models.CharField(max_length=200)  # the two labels that were said, in the order of the config
    other = models.CharField(max_length=200)
    column = models.CharField(max_length=200, blank=True)  # of the items, that put them into groups
    item_group = models.CharField(max_length=200, blank=True)
    said_reason = models.CharField(max_length=20, blank=True)  # why workers gave such tasks back
    decided = models.CharField(max_length=200)  # the label
    text = models.TextField()  # why, in words; it stands in the guidelines from now on
    version = models.ForeignKey(GuidelinesVersion, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project", "-id"], name="guidance_ruling_project")]

    def __str__(self) -> str:
        return f"ruling {self.pk} of project {self.project_id}"


class RulingCase(models.Model):
    """A task that a ruling is about. `asked_anew`: so many answers of it stopped counting and were asked again."""

    ruling = models.ForeignKey(Ruling, on_delete=models.PROTECT, related_name="cases", db_index=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+")
    asked_anew = models.SmallIntegerField(default=0)
    made_gold = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ruling", "task"], name="guidance_case_once")]

    def __str__(self) -> str:
        return f"task {self.task_id} of ruling {self.ruling_id}"
