import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("consensus", "0012_bias_of_labels")]

    dependencies = [
        ("assignments", "0001_initial"),
        ("projects", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AggregationRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aggregation_runs",
                        to="projects.project",
                        db_index=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("done", "done"), ("failed", "failed")],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("method", models.CharField(max_length=30)),
                ("parameters", models.JSONField(default=dict)),
                ("software", models.JSONField(default=dict)),
                ("answers", models.BigIntegerField(default=0)),
                ("submitted", models.BigIntegerField(default=0)),
                ("input_sha256", models.CharField(blank=True, max_length=64)),
                ("figures", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["project", "-id"], name="consensus_run_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "done", "failed"])), name="consensus_run_state"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Consensus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consensus",
                        to="projects.task",
                    ),
                ),
                ("unit", models.SmallIntegerField(default=0)),
                ("question", models.CharField(max_length=100)),
                ("value", models.JSONField()),
                ("posterior", models.FloatField(null=True)),
                ("distribution", models.JSONField(default=dict)),
                ("intervals", models.JSONField(default=dict)),
                ("details", models.JSONField(default=dict)),
                ("gain", models.FloatField(null=True)),
                ("sure", models.FloatField(null=True)),
                ("tied", models.BooleanField(default=False)),
                ("answers", models.SmallIntegerField()),
                ("agreement", models.FloatField(null=True)),
                (
                    "config",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.configversion",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consensus.aggregationrun"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["project", "posterior", "id"], name="consensus_least_sure")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "task", "unit", "question"), name="consensus_one_current"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("posterior", None),
                            models.Q(("posterior__gte", 0), ("posterior__lte", 1.000001)),
                            _connector="OR",
                        ),
                        name="consensus_posterior",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VoteChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                ("assignment_id", models.BigIntegerField()),
                ("attempt", models.SmallIntegerField()),
                ("task_id", models.BigIntegerField()),
                ("worker_id", models.BigIntegerField()),
                ("taken_at", models.DateTimeField()),
                ("state", models.CharField(max_length=10)),
                ("counts", models.BooleanField()),
                ("corrected", models.BooleanField()),
            ],
            options={
                "indexes": [models.Index(fields=["project", "task_id"], name="consensus_note_of_task")],
            },
        ),
        migrations.CreateModel(
            name="MergeWanted",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.project"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VotePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                ("number", models.IntegerField()),
                ("rows", models.IntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("data", models.BinaryField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("project", "number"), name="consensus_part_once")],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.task",
                    ),
                ),
                ("unit", models.SmallIntegerField(default=0)),
                ("question", models.CharField(max_length=100)),
                ("value", models.JSONField()),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "task", "unit", "question"), name="consensus_decided_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkerScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="workers.worker"
                    ),
                ),
                ("question", models.CharField(max_length=100)),
                ("answers", models.IntegerField()),
                ("accuracy", models.FloatField(null=True)),
                ("confusion", models.JSONField(null=True)),
                ("agreement", models.FloatField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consensus.aggregationrun"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "worker", "question"), name="consensus_worker_score_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="assignments.assignment",
                        db_index=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for a person"),
                            ("rejected", "rejected"),
                            ("dismissed", "dismissed"),
                            ("lapsed", "lapsed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "evidence",
                    models.CharField(
                        choices=[
                            ("gold", "the answer to a gold task was wrong"),
                            ("consensus", "the other workers' answers"),
                            ("rule", "a rule of the project"),
                            ("labeled", "others could answer what was reported as not answerable"),
                            ("written", "a written reason"),
                        ],
                        max_length=10,
                    ),
                ),
                ("facts", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["project", "id"], name="consensus_proposal_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("assignment",), name="consensus_proposal_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "rejected", "dismissed", "lapsed"])),
                        name="consensus_proposal_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BiasReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bias_reports",
                        to="projects.project",
                        db_index=False,
                    ),
                ),
                ("question", models.CharField(max_length=100)),
                ("label", models.CharField(blank=True, max_length=200)),
                ("column", models.CharField(blank=True, max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("done", "done"), ("failed", "failed")],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("figures", models.JSONField(null=True)),
                ("attempt", models.SmallIntegerField(default=0)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("alive_at", models.DateTimeField()),
                ("counted_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "running")), fields=["alive_at"], name="consensus_bias_running"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "question", "label", "column"), name="consensus_bias_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "done", "failed"])), name="consensus_bias_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(("counted_at__isnull", False), ("figures__isnull", False)),
                            _connector="OR",
                        ),
                        name="consensus_bias_done",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exports", to="projects.project"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "being written"),
                            ("done", "ready"),
                            ("failed", "failed"),
                            ("deleted", "deleted"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("of", models.CharField(max_length=10)),
                ("format", models.CharField(max_length=10)),
                ("rows", models.BigIntegerField(default=0)),
                ("rows_expected", models.BigIntegerField(default=0)),
                ("storage_name", models.CharField(blank=True, max_length=255)),
                ("size", models.BigIntegerField(default=0)),
                ("attempt", models.SmallIntegerField(default=0)),
                ("alive_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("delete_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "running", "done", "failed", "deleted"])),
                        name="consensus_export_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("delete_at__isnull", False),
                                ("state", "done"),
                                models.Q(("storage_name", ""), _negated=True),
                            ),
                            models.Q(models.Q(("state", "done"), _negated=True), ("storage_name", "")),
                            _connector="OR",
                        ),
                        name="consensus_export_file",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=("project", "of", "format"),
                        name="consensus_export_one_at_a_time",
                    ),
                ],
            },
        ),
    ]
