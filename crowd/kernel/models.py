from django.db import models


class Clock(models.Model):
    """One row: how far this installation's clock runs ahead of the database's (see `clock`)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    shift = models.DurationField()

    class Meta:
        db_table = "kernel_clock"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="kernel_clock_one_row")]


class IdempotencyRecord(models.Model):
    """The stored response to a POST that carried an Idempotency-Key (see `idempotency`)."""

    scope = models.CharField(max_length=120)
    key = models.CharField(max_length=120)
    request_digest = models.CharField(max_length=64)
    attempt = models.SmallIntegerField(default=1)
    applied_at = models.DateTimeField(null=True)  # written by the very transaction that did the work
    status = models.SmallIntegerField(null=True)
    body = models.JSONField(null=True)  # encrypted: a response may show a secret once
    created_at = models.DateTimeField()  # of the latest attempt

    class Meta:
        db_table = "kernel_idempotency"
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="kernel_idempotency_unique")]
        indexes = [models.Index(fields=["created_at"], name="kernel_idempotency_age")]


class Watermark(models.Model):
    """How far a folding job has come: the last id that it has seen, by the job's name."""

    name = models.CharField(max_length=60, primary_key=True)
    through = models.BigIntegerField(default=0)

    class Meta:
        db_table = "kernel_watermark"


class JobRun(models.Model):
    """How a job of the timetable went the last time; of any other job, by its name and what it is about, the attempts
    since it last succeeded (crowd.kernel.job_runs). Written by whoever runs it."""

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)  # of the last run; empty: it went well
    runs = models.BigIntegerField(default=0)
    failures = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
