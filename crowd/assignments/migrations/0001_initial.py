import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("assignments", "0014_leavings")]

    dependencies = [
        ("projects", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Participation",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="participations", to="workers.worker"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "active"), ("paused", "paused")], default="active", max_length=10
                    ),
                ),
                ("joined_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("cursor", models.IntegerField()),
                ("taken_count", models.IntegerField(default=0)),
                ("submitted_count", models.IntegerField(default=0)),
                ("next_gold_at", models.IntegerField(default=0)),
                ("gold_right", models.IntegerField(default=0)),
                ("gold_wrong", models.IntegerField(default=0)),
                ("forgiven_right", models.IntegerField(default=0)),
                ("forgiven_wrong", models.IntegerField(default=0)),
                ("gold_spent_micros", models.BigIntegerField(default=0)),
                ("quiz_owed_micros", models.BigIntegerField(default=0)),
                ("next_repeat_at", models.IntegerField(db_default=0, default=0)),
                ("repeat_spent_micros", models.BigIntegerField(db_default=0, default=0)),
                ("top_up_due_micros", models.BigIntegerField(db_default=0, default=0)),
                ("topped_up_micros", models.BigIntegerField(db_default=0, default=0)),
                ("eligible_for", models.CharField(blank=True, max_length=40)),
                ("eligible_until", models.DateTimeField(null=True)),
                (
                    "tiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("guidelines_read", models.IntegerField(null=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("pause_reason", models.TextField(blank=True)),
                ("pause_evidence", models.JSONField(default=dict)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("recount_due", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("recount_due", True)), fields=["project"], name="assignments_recount_due"
                    ),
                    models.Index(
                        condition=models.Q(("top_up_due_micros__gt", models.F("topped_up_micros"))),
                        fields=["project"],
                        name="assignments_top_up_owed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "worker"), name="assignments_participation_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "paused"])), name="assignments_participation_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("gold_spent_micros__gte", 0),
                            ("quiz_owed_micros__gte", 0),
                            ("repeat_spent_micros__gte", 0),
                            ("submitted_count__gte", 0),
                            ("taken_count__gte", 0),
                        ),
                        name="assignments_participation_tallies",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("topped_up_micros__gte", 0), ("topped_up_micros__lte", models.F("top_up_due_micros"))
                        ),
                        name="assignments_participation_topped_up",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
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
                        related_name="assignments",
                        to="projects.task",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="workers.worker",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("submitted", "submitted"),
                            ("accepted", "accepted"),
                            ("rejected", "rejected"),
                            ("returned", "returned"),
                            ("expired", "expired"),
                        ],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("attempt", models.SmallIntegerField(default=1)),
                ("counts", models.BooleanField(default=True)),
                ("is_gold", models.BooleanField()),
                ("is_repeat", models.BooleanField(db_default=False, default=False)),
                ("tier", models.SmallIntegerField(db_default=0, default=0)),
                ("reward_micros", models.BigIntegerField()),
                ("fee_micros", models.BigIntegerField()),
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
                    "guidelines",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.guidelinesversion",
                    ),
                ),
                ("taken_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(null=True)),
                ("deadline", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("gold_score", models.FloatField(null=True)),
                ("gold_passed", models.BooleanField(null=True)),
                ("return_reason", models.CharField(blank=True, max_length=20)),
                ("rework_of", models.SmallIntegerField(null=True)),
                ("rework_reward_micros", models.BigIntegerField(db_default=0, default=0)),
                ("rework_fee_micros", models.BigIntegerField(db_default=0, default=0)),
                ("corrected", models.BooleanField(db_default=False, default=False)),
                ("for_review", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "active")), fields=["deadline"], name="assignments_deadline"
                    ),
                    models.Index(
                        condition=models.Q(("state", "active")),
                        fields=["project", "worker"],
                        name="assignments_current",
                    ),
                    models.Index(condition=models.Q(("state", "submitted")), fields=["due_at"], name="assignments_due"),
                    models.Index(
                        condition=models.Q(("state", "submitted")),
                        fields=["project", "task"],
                        name="assignments_undecided",
                    ),
                    models.Index(fields=["worker", "-id"], name="assignments_of_worker"),
                    models.Index(fields=["project", "id"], name="assignments_of_project"),
                    models.Index(
                        condition=models.Q(("is_repeat", True)),
                        fields=["project", "worker"],
                        name="assignments_repeats",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "task", "worker", "is_repeat"), name="assignments_once_and_one_repeat"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["active", "submitted", "accepted", "rejected", "returned", "expired"])
                        ),
                        name="assignments_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["returned", "expired", "rejected"]), _negated=True),
                            ("counts", False),
                            _connector="OR",
                        ),
                        name="assignments_counting_states",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fee_micros__gte", 0), ("reward_micros__gte", 0)), name="assignments_price"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rework_of", None), ("state", "active"), _connector="OR"),
                        name="assignments_rework",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("for_review", False), ("counts", False), _connector="OR"),
                        name="assignments_for_review",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_repeat", False),
                            models.Q(("counts", False), ("for_review", False), ("is_gold", False), ("tier", 0)),
                            _connector="OR",
                        ),
                        name="assignments_repeat",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opened_at__isnull", False), ("state__in", ["active", "expired"]), _connector="OR"
                        ),
                        name="assignments_opened",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("opened_at", None), ("state", "active")),
                        fields=("project", "worker"),
                        name="assignments_one_ahead",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leaving",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "assignment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leavings",
                        to="assignments.assignment",
                    ),
                ),
                ("attempt", models.SmallIntegerField()),
                (
                    "worker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workers.worker",
                    ),
                ),
                ("left_at", models.DateTimeField()),
                ("seconds", models.IntegerField()),
                ("reward_micros", models.BigIntegerField()),
                ("fee_micros", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["worker", "left_at"], name="assignments_left_by")],
                "constraints": [
                    models.UniqueConstraint(fields=("assignment", "attempt"), name="assignments_left_once"),
                    models.CheckConstraint(
                        condition=models.Q(("fee_micros__gte", 0), ("reward_micros__gte", 0), ("seconds__gte", 0)),
                        name="assignments_left_amounts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="draft", to="assignments.assignment"
                    ),
                ),
                ("attempt", models.SmallIntegerField()),
                ("value", models.JSONField()),
                ("active_ms", models.IntegerField(default=0)),
                ("revision", models.IntegerField(default=1)),
                ("saved_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="assignments.assignment",
                    ),
                ),
                ("attempt", models.SmallIntegerField()),
                (
                    "task",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.task",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workers.worker",
                    ),
                ),
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
                ("value", models.JSONField()),
                ("cannot_answer", models.CharField(blank=True, max_length=20)),
                ("late", models.BooleanField(default=False)),
                ("submitted_at", models.DateTimeField()),
                ("elapsed_ms", models.IntegerField()),
                ("active_ms", models.IntegerField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["project", "id"], name="assignments_answer_log")],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "assignment", "attempt"), name="assignments_answer_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Rejection",
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
                        related_name="rejections",
                        to="assignments.assignment",
                        db_index=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("held", "held"), ("released", "final"), ("overturned", "overturned")],
                        default="held",
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
                ("reason", models.TextField()),
                ("reopened", models.BooleanField()),
                (
                    "rejected_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("rejected_at", models.DateTimeField()),
                ("held_until", models.DateTimeField()),
                ("appealed", models.BooleanField(default=False)),
                (
                    "resolved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolution", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "held")), fields=["held_until"], name="assignments_rejection_held"
                    ),
                    models.Index(fields=["project", "id"], name="assignments_rejection_project"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("assignment",), name="assignments_rejection_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["held", "released", "overturned"])),
                        name="assignments_rejection_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("evidence__in", ["gold", "consensus", "rule", "labeled", "written"])),
                        name="assignments_rejection_evidence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HeldBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="held_batches", to="projects.project"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "waits for staff"),
                            ("passed", "carried out"),
                            ("refused", "not carried out"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("lines", models.JSONField()),
                ("reason", models.TextField()),
                ("reopen", models.BooleanField()),
                ("share", models.FloatField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("asked_at", models.DateTimeField()),
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
                ("note", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["held", "passed", "refused"])),
                        name="assignments_heldbatch_state",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "held")),
                        fields=("project",),
                        name="assignments_heldbatch_one_waits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "assignment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to="assignments.assignment",
                    ),
                ),
                ("unit", models.SmallIntegerField()),
                ("question", models.CharField(max_length=100)),
                (
                    "media",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contribution",
                        to="projects.mediafile",
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at", None)),
                        fields=["created_at"],
                        name="assignments_contribution_idle",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assignment", "unit", "question", "sha256"), name="assignments_contribution_once"
                    )
                ],
            },
        ),
    ]
