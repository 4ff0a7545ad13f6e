from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crowd.projects.models import Project
from crowd.rules.states import FiringState, RuleState
from workers.models import Worker


class Rule(models.Model):
    """One rule of a project. Its terms change only while it is off; every firing keeps those it fired by."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="rules")
    state = models.CharField(max_length=10, choices=RuleState, default=RuleState.OFF)
    terms = models.JSONField()  # crowd.rules.terms
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    switched_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    switched_at = models.DateTimeField(null=True)
    dry_run = models.JSONField(default=dict)  # what was shown before it was switched on: {"workers", "hits", "at"}
    removed_at = models.DateTimeField(null=True)  # no longer listed; its firings stay

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RuleState.values), name="rules_rule_state"),
            models.CheckConstraint(condition=Q(removed_at=None) | Q(state="off"), name="rules_rule_removed"),
        ]
        indexes = [models.Index(fields=["project"], condition=Q(state="on"), name="rules_rule_on")]

    def __str__(self) -> str:
        return f"rule {self.pk} of project {self.project_id}"


class Firing(models.Model):
    """A rule held for a worker: by which terms, on which evidence, and what became of it. Each piece of evidence is
    used once: the next firing of the same rule looks at what came after this one."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="firings", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="firings", db_index=False)
    number = models.IntegerField()  # of this rule for this worker, from 1
    state = models.CharField(max_length=10, choices=FiringState, default=FiringState.DUE)
    terms = models.JSONField()
    evidence = models.JSONField()  # {"figures", "events", "since", "assignments"}
    result = models.JSONField(default=dict)  # what was done: counts, and how far an unfinished one came
    at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)  # of a pause that ends by itself
    ended_at = models.DateTimeField(null=True)  # from then on nothing more happens by itself
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(_("reason"), blank=True)  # the worker reads it
    contested_at = models.DateTimeField(null=True)
    contest = models.TextField(blank=True)  # in the worker's words
    answer_due_at = models.DateTimeField(null=True)  # unanswered then, the worker is right; None: it waits
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(_("answer"), blank=True)  # the worker reads it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "worker", "number"], name="rules_firing_once"),
            models.CheckConstraint(condition=Q(state__in=FiringState.values), name="rules_firing_state"),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="rules_firing_log"),
            models.Index(fields=["worker", "-id"], name="rules_firing_worker"),
            models.Index(fields=["id"], condition=Q(state="due"), name="rules_firing_due"),
            models.Index(fields=["id"], condition=Q(state="proposed"), name="rules_firing_proposed"),
            models.Index(fields=["ends_at"], condition=Q(ended_at=None), name="rules_firing_ends"),
            models.Index(
                fields=["answer_due_at"],
                condition=Q(contested_at__isnull=False, answered_at=None),
                name="rules_firing_contested",
            ),
        ]

    def __str__(self) -> str:
        return f"firing {self.pk} of rule {self.rule_id}"


class Look(models.Model):
    """How far a project's rules have looked: whoever did nothing since is not looked at again."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="+")
    answer_id = models.BigIntegerField(default=0)
    assignment_id = models.BigIntegerField(default=0)
    run_id = models.BigIntegerField(default=0)
    whole_at = models.DateTimeField(null=True)  # when everybody was last looked at

    def __str__(self) -> str:
        return f"rules of project {self.project_id}, looked to answer {self.answer_id}"
