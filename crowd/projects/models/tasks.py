"""Items, and the tasks that are cut from them."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from crowd.projects.models.project import Project
from crowd.projects.models.uploads import MediaFile, Upload
from crowd.projects.states import (
    TaskState,
)


class Item(models.Model):
    """One datum of the requester's, all its columns kept as they came."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="items", db_index=False)
    key = models.CharField(max_length=200, null=True)  # noqa: DJ001  (null: no key; "" would collide)
    data = models.JSONField()
    media = models.ForeignKey(MediaFile, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    beside = models.ForeignKey(  # of a pair of pictures the second
        MediaFile, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
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

    # The indexes below begin with them; one more each would be written with every task that leaves the ring.
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.LIVE)
    payload = models.JSONField()  # what the worker sees: {"units": [{...}, ...]}
    source = models.JSONField(default=dict)  # where in its item it came from
    units = models.SmallIntegerField(default=1)
    redundancy = models.SmallIntegerField()
    needed = models.SmallIntegerField()
    filled = models.SmallIntegerField(default=0)
    answered = models.SmallIntegerField(default=0)
    bought = models.SmallIntegerField(db_default=0, default=0)  # of `needed`, what consensus asked for in this tier
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
            models.Index(fields=["project", "id"], condition=Q(state="review"), name="projects_task_in_review"),
            models.Index(fields=["project"], condition=Q(ruled_at__isnull=False), name="projects_task_ruled"),
            models.Index(fields=["project", "ring"], condition=Q(is_gold=True), name="projects_task_gold_ring"),
            models.Index(fields=["project", "id"], name="projects_task_project"),
            models.Index(fields=["item"], name="projects_task_item"),
        ]

    @property
    def shown_units(self) -> list[dict[str, Any]]:
        """What each of its units shows."""
        units: list[dict[str, Any]] = self.payload["units"]
        return units
