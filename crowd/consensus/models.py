from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from crowd.assignments.models import Assignment
from crowd.assignments.states import Evidence
from crowd.consensus.states import ExportState, ProposalState, RunState
from crowd.projects.models import ConfigVersion, Project, Task
from workers.models import Worker


class AggregationRun(models.Model):
    """One execution: enough to repeat it (method, parameters, versions, hash of the input), not a second copy of it."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="aggregation_runs", db_index=False)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    method = models.CharField(max_length=30)
    parameters = models.JSONField(default=dict)
    software = models.JSONField(default=dict)
    answers = models.BigIntegerField(default=0)  # answers that went in
    submitted = models.BigIntegerField(default=0)  # answers the project had been given by then, of every kind
    input_sha256 = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(default=dict)  # per question: iterations, evidence, agreement, identifiable
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=RunState.values), name="consensus_run_state")]
        indexes = [models.Index(fields=["project", "-id"], name="consensus_run_latest")]


class Consensus(models.Model):
    """The merged answer to one question about one unit of one task: one current row a key."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="consensus", db_index=False)
    unit = models.SmallIntegerField(default=0)
    question = models.CharField(max_length=100)
    value = models.JSONField()
    posterior = models.FloatField(null=True)  # of `value`; null where the kind has none
    distribution = models.JSONField(default=dict)  # label -> posterior, where there is one
    intervals = models.JSONField(default=dict)  # of an opinion: label -> the 95 % interval of its share
    details = models.JSONField(default=dict)  # of marks: how sure each is, and which are doubtful
    gain = models.FloatField(null=True)  # what one more answer is expected to add to the posterior
    # What the stop rule goes by (aggregate._sure): posterior, nearness or likeness; null where the kind tells nothing.
    sure = models.FloatField(null=True)
    tied = models.BooleanField(default=False)
    answers = models.SmallIntegerField()  # counting answers
    agreement = models.FloatField(null=True)  # mean of how far counting answers agree with `value`
    config = models.ForeignKey(
        ConfigVersion, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    run = models.ForeignKey(AggregationRun, on_delete=models.PROTECT, related_name="+")

    whole: dict[str, Any] | None = None  # what it comes to on the whole item; not stored (consensus.wholes.tell)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "task", "unit", "question"], name="consensus_one_current"),
            models.CheckConstraint(
                condition=Q(posterior=None) | Q(posterior__gte=0, posterior__lte=1.000001), name="consensus_posterior"
            ),
        ]
        indexes = [models.Index(fields=["project", "posterior", "id"], name="consensus_least_sure")]


class VoteChange(models.Model):
    """What happened to an answer: its assignment as it then was. Written by a trigger, in the same transaction, and
    only ever appended to; the run that folds it into a part (crowd.consensus.services.fold) takes it out."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    assignment_id = models.BigIntegerField()
    attempt = models.SmallIntegerField()
    task_id = models.BigIntegerField()
    worker_id = models.BigIntegerField()
    taken_at = models.DateTimeField()
    state = models.CharField(max_length=10)
    counts = models.BooleanField()
    corrected = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["project", "task_id"], name="consensus_note_of_task")]

    def __str__(self) -> str:
        return f"change {self.pk} of assignment {self.assignment_id}"


class MergeWanted(models.Model):
    """Something that an aggregation looks at changed beside the answers: a decision, a key, the config. Written in the
    transaction of the change and taken by the run before it reads, so that what changes during a run is merged by the
    next one. Only ever appended to: who wrote another row anew would wait for the run that takes it."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"wish {self.pk} to merge project {self.project_id} anew"


class VotePart(models.Model):
    """So many of a project's answers by column (crowd.consensus.parts), with their number and hash."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False, related_name="+")
    number = models.IntegerField()
    rows = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="consensus_part_once")]

    def __str__(self) -> str:
        return f"part {self.number} of the votes of project {self.project_id}"


class Decision(models.Model):
    """The requester decided one question about one unit himself: that is the merged answer, whatever was said.

    Answers to tasks taken before it teach the model nothing about anybody: nobody is measured by what was decided
    only afterwards. Gold says more than a decision, where there is both.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit = models.SmallIntegerField(default=0)
    question = models.CharField(max_length=100)
    value = models.JSONField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "task", "unit", "question"], name="consensus_decided_once"),
        ]

    def __str__(self) -> str:
        return f"decision about {self.question} of task {self.task_id}"


class WorkerScore(models.Model):
    """What the model inferred about a worker for one question of a project."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="scores")
    question = models.CharField(max_length=100)
    answers = models.IntegerField()
    accuracy = models.FloatField(null=True)
    confusion = models.JSONField(null=True)  # rows: true label, columns: said; in the config's label order
    agreement = models.FloatField(null=True)
    run = models.ForeignKey(AggregationRun, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "worker", "question"], name="consensus_worker_score_unique")
        ]


class Proposal(models.Model):
    """An answer that the pay policy would not accept early, with the evidence; a named person decides, silence pays."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="proposals", db_index=False)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    evidence = models.CharField(max_length=10, choices=Evidence)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment"], name="consensus_proposal_once"),
            models.CheckConstraint(condition=Q(state__in=ProposalState.values), name="consensus_proposal_state"),
        ]
        indexes = [models.Index(fields=["project", "id"], condition=Q(state="open"), name="consensus_proposal_open")]


class BiasReport(models.Model):
    """Whether answers to a question depend on items, workers or time (crowd.consensus.bias): counted by a job, kept
    until it is asked for again. `state` running: it is counted; older figures stay meanwhile."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="bias_reports", db_index=False)
    question = models.CharField(max_length=100)
    label = models.CharField(max_length=200, blank=True)  # of a question with several
    column = models.CharField(max_length=200, blank=True)  # of the items, by which they are grouped
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    figures = models.JSONField(null=True)
    attempt = models.SmallIntegerField(default=0)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    alive_at = models.DateTimeField()  # when a job was last sent for it
    counted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "question", "label", "column"], name="consensus_bias_once"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="consensus_bias_state"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(figures__isnull=False, counted_at__isnull=False),
                name="consensus_bias_done",
            ),
        ]
        indexes = [models.Index(fields=["alive_at"], condition=Q(state="running"), name="consensus_bias_running")]

    def __str__(self) -> str:
        return f"bias report {self.pk} of project {self.project_id}"


class Export(models.Model):
    """A file of results that was too large to be sent while it is read: written by a job, kept until `delete_at`."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="exports")
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.WAITING)
    of = models.CharField(max_length=10)  # items, answers
    format = models.CharField(max_length=10)  # csv, jsonl
    rows = models.BigIntegerField(default=0)  # written so far
    rows_expected = models.BigIntegerField(default=0)  # as it began; answers may come in meanwhile
    storage_name = models.CharField(max_length=255, blank=True)
    size = models.BigIntegerField(default=0)  # bytes
    attempt = models.SmallIntegerField(default=0)  # only the newest attempt may end it: an older one was given up
    alive_at = models.DateTimeField(null=True)  # the last sign of life of whoever writes it
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    delete_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="consensus_export_state"),
            models.CheckConstraint(
                condition=Q(state="done", delete_at__isnull=False) & ~Q(storage_name="")
                | ~Q(state="done") & Q(storage_name=""),
                name="consensus_export_file",
            ),
            models.UniqueConstraint(
                fields=["project", "of", "format"],
                condition=Q(state__in=["waiting", "running"]),
                name="consensus_export_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk} of project {self.project_id}"
