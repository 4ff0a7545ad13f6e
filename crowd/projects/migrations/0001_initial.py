import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("projects", "0026_bought_below")]

    dependencies = [
        ("qualifications", "0001_initial"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConfigVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.IntegerField()),
                ("config", models.JSONField()),
                ("mapping", models.JSONField(default=dict)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="GuidelinesVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.IntegerField()),
                ("text", models.TextField()),
                ("parts", models.JSONField(default=dict)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="users.organisation",
                        db_index=False,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("open", "open"),
                            ("paused", "paused"),
                            ("closing", "closing"),
                            ("closed", "closed"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "workforce",
                    models.CharField(
                        choices=[("public", "the public crowd"), ("team", "a private team")],
                        default="public",
                        max_length=10,
                    ),
                ),
                (
                    "personal_data",
                    models.CharField(
                        choices=[("none", "none"), ("pseudonymous", "pseudonymous"), ("sensitive", "sensitive")],
                        default="none",
                        max_length=15,
                    ),
                ),
                (
                    "content_warnings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                (
                    "config",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.configversion",
                    ),
                ),
                (
                    "guidelines",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.guidelinesversion",
                    ),
                ),
                ("split", models.JSONField(blank=True, default=dict)),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("reward_micros", models.BigIntegerField(default=0)),
                ("fee_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=5)),
                ("fee_micros", models.BigIntegerField(default=0)),
                ("redundancy", models.SmallIntegerField(default=3)),
                ("most_answers", models.SmallIntegerField(blank=True, null=True)),
                ("target_posterior", models.DecimalField(decimal_places=4, default=Decimal("0.95"), max_digits=5)),
                ("least_gain", models.DecimalField(decimal_places=4, default=Decimal("0.001"), max_digits=5)),
                ("expected_s", models.IntegerField(blank=True, null=True)),
                ("time_limit_s", models.IntegerField(default=600)),
                ("grace_s", models.IntegerField(default=120)),
                ("choose_tasks", models.BooleanField(default=False)),
                ("max_tasks_per_worker", models.IntegerField(blank=True, null=True)),
                ("requirements_version", models.IntegerField(default=1)),
                ("gold_share", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=5)),
                ("gold_intervals", models.JSONField(blank=True, default=list)),
                ("quiz_length", models.SmallIntegerField(default=0)),
                ("quiz_cap", models.IntegerField(default=0)),
                ("quiz_pass", models.SmallIntegerField(blank=True, null=True)),
                (
                    "repeat_share",
                    models.DecimalField(db_default=Decimal("0"), decimal_places=4, default=Decimal("0"), max_digits=5),
                ),
                ("repeat_after", models.SmallIntegerField(db_default=20, default=20)),
                ("explain_misses", models.BooleanField(default=False)),
                ("minimum_accuracy", models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True)),
                ("auto_accept_s", models.IntegerField(default=604800)),
                (
                    "pay_policy",
                    models.CharField(
                        choices=[
                            ("delay", "everybody, when the delay ends"),
                            ("at_once", "everybody, once the task is complete"),
                            ("accuracy", "workers above an accuracy, once the task is complete"),
                            ("consensus", "answers that agree with a sure consensus, once the task is complete"),
                        ],
                        default="delay",
                        max_length=10,
                    ),
                ),
                ("pay_threshold", models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True)),
                ("aggregation_method", models.CharField(default="dawid-skene", max_length=30)),
                ("aggregation_parameters", models.JSONField(blank=True, default=dict)),
                ("aggregate_every", models.IntegerField(default=100)),
                ("cannot_answer_limit", models.SmallIntegerField(default=2)),
                ("gold_reserve_micros", models.BigIntegerField(default=0)),
                ("repeat_reserve_micros", models.BigIntegerField(db_default=0, default=0)),
                ("extra_reserve_micros", models.BigIntegerField(default=0)),
                ("corrections_reserve_micros", models.BigIntegerField(default=0)),
                ("review_reserve_micros", models.BigIntegerField(default=0)),
                ("pay_floor_micros", models.BigIntegerField(db_default=0, default=0)),
                ("floor_reserve_micros", models.BigIntegerField(db_default=0, default=0)),
                ("floor_missing_micros", models.BigIntegerField(db_default=0, default=0)),
                ("floor_measured", models.JSONField(blank=True, db_default={}, default=dict)),
                ("surplus_micros", models.BigIntegerField(default=0)),
                ("extra_budget_micros", models.BigIntegerField(default=0)),
                ("planned_slots", models.BigIntegerField(default=0)),
                ("published_at", models.DateTimeField(null=True)),
                ("pause_reason", models.TextField(blank=True)),
                ("closing_at", models.DateTimeField(null=True)),
                ("reviews_until", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "-id"], name="projects_project_owner"),
                    models.Index(fields=["state", "-id"], name="projects_project_listing"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "open", "paused", "closing", "closed"])),
                        name="projects_project_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("workforce__in", ["public", "team"])), name="projects_project_workforce"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pay_policy__in", ["delay", "at_once", "accuracy", "consensus"])),
                        name="projects_project_pay_policy",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reward_micros__gte", 0)), name="projects_project_reward"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reward_micros__gt", 0),
                            models.Q(("fee_micros", 0), ("workforce", "team")),
                            _connector="OR",
                        ),
                        name="projects_project_unpaid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("redundancy__range", (1, 1000))), name="projects_project_redundancy"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("most_answers", None),
                            models.Q(("most_answers__gt", models.F("redundancy")), ("most_answers__lte", 1000)),
                            _connector="OR",
                        ),
                        name="projects_project_most_answers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("least_gain__range", (0, 1)), ("target_posterior__range", (0, 1))),
                        name="projects_project_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("gold_share__range", (0, Decimal("0.9")))), name="projects_project_gold"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("repeat_after__range", (1, 1000)), ("repeat_share__range", (0, Decimal("0.5")))
                        ),
                        name="projects_project_repeats",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minimum_accuracy", None), ("minimum_accuracy__range", (0, 1)), _connector="OR"
                        ),
                        name="projects_project_minimum_accuracy",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("auto_accept_s__range", (0, 2592000))), name="projects_project_auto_accept"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("corrections_reserve_micros__gte", 0),
                            ("extra_budget_micros__gte", 0),
                            ("extra_reserve_micros__gte", 0),
                            ("floor_missing_micros__gte", 0),
                            ("floor_reserve_micros__gte", 0),
                            ("gold_reserve_micros__gte", 0),
                            ("pay_floor_micros__gte", 0),
                            ("planned_slots__gte", 0),
                            ("repeat_reserve_micros__gte", 0),
                            ("review_reserve_micros__gte", 0),
                            ("surplus_micros__gte", 0),
                        ),
                        name="projects_project_reserves",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="projects.project"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waits for staff"), ("passed", "passed"), ("refused", "not passed")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("first", "the first public project of its organisation"),
                            ("reports", "reports from workers"),
                            ("staff", "staff stopped it"),
                        ],
                        max_length=10,
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
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "passed"), _negated=True),
                        fields=("project",),
                        name="projects_review_one_standing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "passed", "refused"])),
                        name="projects_review_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cause__in", ["first", "reports", "staff"])), name="projects_review_cause"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="projects.project"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="workers.worker"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("personal", "It asks for personal data, or for my account somewhere else"),
                            ("harmful", "It shows disturbing or unlawful content without a warning"),
                            ("dishonest", "It asks for something dishonest, such as false reviews"),
                            ("unfair", "Good work is rejected, or the task cannot be done as asked"),
                            ("broken", "It does not work"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("reported_at", models.DateTimeField()),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("handled_at", models.DateTimeField(null=True)),
                ("outcome", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("handled_at", None)),
                        fields=("project", "worker"),
                        name="projects_report_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["personal", "harmful", "dishonest", "unfair", "broken", "other"])
                        ),
                        name="projects_report_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to="projects.project"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("refused", "refused"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("format", models.CharField(max_length=10)),
                ("filename", models.CharField(max_length=255)),
                ("storage_name", models.CharField(max_length=255)),
                ("options", models.JSONField(default=dict)),
                ("rows_good", models.IntegerField(default=0)),
                ("rows_bad", models.IntegerField(default=0)),
                ("rows_known", models.IntegerField(default=0)),
                ("errors", models.JSONField(default=list)),
                ("attempt", models.SmallIntegerField(default=0)),
                ("alive_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "running", "done", "refused"])),
                        name="projects_upload_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StagedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="staged", to="projects.project"
                    ),
                ),
                ("storage_name", models.CharField(max_length=255)),
                ("filename", models.CharField(max_length=255)),
                ("format", models.CharField(max_length=10)),
                ("delimiter", models.CharField(default=",", max_length=1)),
                ("size", models.BigIntegerField()),
                ("columns", models.JSONField()),
                ("sample", models.JSONField()),
                ("chosen", models.JSONField(default=dict)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="MediaFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="media", to="projects.project"
                    ),
                ),
                ("storage_name", models.CharField(max_length=255)),
                ("filename", models.CharField(max_length=255)),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("width", models.IntegerField(null=True)),
                ("height", models.IntegerField(null=True)),
                ("seconds", models.FloatField(null=True)),
                ("pages", models.IntegerField(null=True)),
                ("source_url", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="projects.project",
                    ),
                ),
                ("key", models.CharField(max_length=200, null=True)),
                ("data", models.JSONField()),
                (
                    "media",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.mediafile",
                        db_index=False,
                    ),
                ),
                (
                    "beside",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.mediafile",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.upload",
                        db_index=False,
                    ),
                ),
                ("redundancy", models.SmallIntegerField(null=True)),
                ("gold", models.JSONField(null=True)),
                ("gold_reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["project", "id"], name="projects_item_project")],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "key"), name="projects_item_key"),
                    models.CheckConstraint(
                        condition=models.Q(("redundancy", None), ("redundancy__range", (1, 1000)), _connector="OR"),
                        name="projects_item_redundancy",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="projects.project",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="projects.item",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("live", "live"), ("review", "with the requester"), ("retired", "retired")],
                        default="live",
                        max_length=10,
                    ),
                ),
                ("payload", models.JSONField()),
                ("source", models.JSONField(default=dict)),
                ("units", models.SmallIntegerField(default=1)),
                ("redundancy", models.SmallIntegerField()),
                ("needed", models.SmallIntegerField()),
                ("filled", models.SmallIntegerField(default=0)),
                ("answered", models.SmallIntegerField(default=0)),
                ("bought", models.SmallIntegerField(db_default=0, default=0)),
                ("tier", models.SmallIntegerField(db_default=0, default=0)),
                ("open", models.BooleanField()),
                ("priority", models.SmallIntegerField(default=2)),
                ("ring", models.IntegerField()),
                ("is_gold", models.BooleanField(default=False)),
                ("gold", models.JSONField(null=True)),
                ("gold_reason", models.TextField(blank=True)),
                ("cannot_answer_count", models.SmallIntegerField(default=0)),
                ("rejected_count", models.SmallIntegerField(default=0)),
                ("ruled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("open", True)),
                        fields=["project", "tier", "priority", "ring"],
                        name="projects_task_tier_ring",
                    ),
                    models.Index(
                        condition=models.Q(("cannot_answer_count__gt", 0)),
                        fields=["project", "tier"],
                        name="projects_task_reported",
                    ),
                    models.Index(
                        condition=models.Q(("state", "review")),
                        fields=["project", "id"],
                        name="projects_task_in_review",
                    ),
                    models.Index(
                        condition=models.Q(("ruled_at__isnull", False)), fields=["project"], name="projects_task_ruled"
                    ),
                    models.Index(
                        condition=models.Q(("is_gold", True)),
                        fields=["project", "ring"],
                        name="projects_task_gold_ring",
                    ),
                    models.Index(fields=["project", "id"], name="projects_task_project"),
                    models.Index(fields=["item"], name="projects_task_item"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["live", "review", "retired"])), name="projects_task_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered__gte", 0),
                            ("filled__gte", models.F("answered")),
                            ("needed__gte", models.F("filled")),
                        ),
                        name="projects_task_counters",
                    ),
                    models.CheckConstraint(condition=models.Q(("bought__gte", 0)), name="projects_task_bought"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("open", False),
                            models.Q(("filled__lt", models.F("needed")), ("is_gold", False), ("state", "live")),
                            _connector="OR",
                        ),
                        name="projects_task_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_gold", False),
                            models.Q(("filled", 0), ("gold__isnull", False), ("needed", 0)),
                            _connector="OR",
                        ),
                        name="projects_task_gold",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__range", (0, 4))), name="projects_task_priority"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LabelTree",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="label_trees",
                        to="projects.project",
                        db_index=False,
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("nodes", models.JSONField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("project", "sha256"), name="projects_label_tree_once")],
            },
        ),
        migrations.CreateModel(
            name="Tier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers",
                        to="projects.project",
                        db_index=False,
                    ),
                ),
                ("number", models.SmallIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("reward_micros", models.BigIntegerField()),
                ("fee_micros", models.BigIntegerField(default=0)),
                ("redundancy", models.SmallIntegerField(default=1)),
                ("most_answers", models.SmallIntegerField(null=True)),
                ("below_posterior", models.DecimalField(decimal_places=4, max_digits=5, null=True)),
                ("above_disagreement", models.DecimalField(decimal_places=4, max_digits=5, null=True)),
                ("expert_calls", models.SmallIntegerField(null=True)),
                ("budget_micros", models.BigIntegerField(default=0)),
                ("reserve_micros", models.BigIntegerField(default=0)),
                ("told_at", models.DateTimeField(null=True)),
                ("through_run", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("project", "number"), name="projects_tier_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("number__range", (1, 100)), ("redundancy__range", (1, 100))),
                        name="projects_tier_numbers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("most_answers", None),
                            models.Q(("most_answers__gt", models.F("redundancy")), ("most_answers__lte", 100)),
                            _connector="OR",
                        ),
                        name="projects_tier_most_answers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("budget_micros__gte", 0),
                            ("fee_micros__gte", 0),
                            ("reserve_micros__gte", 0),
                            ("reward_micros__gte", 0),
                        ),
                        name="projects_tier_money",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("below_posterior__isnull", False),
                            ("above_disagreement__isnull", False),
                            models.Q(("expert_calls__gte", 1), ("expert_calls__isnull", False)),
                            _connector="OR",
                        ),
                        name="projects_tier_cause",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Requirement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requirements",
                        to="projects.project",
                        db_index=False,
                    ),
                ),
                ("tier", models.SmallIntegerField(default=0)),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="qualifications.qualification"
                    ),
                ),
                (
                    "comparator",
                    models.CharField(
                        choices=[
                            ("LessThan", "Less Than"),
                            ("LessThanOrEqualTo", "Less Than Or Equal"),
                            ("GreaterThan", "Greater Than"),
                            ("GreaterThanOrEqualTo", "Greater Than Or Equal"),
                            ("EqualTo", "Equal"),
                            ("NotEqualTo", "Not Equal"),
                            ("Exists", "Exists"),
                            ("DoesNotExist", "Does Not Exist"),
                            ("In", "In"),
                            ("NotIn", "Not In"),
                        ],
                        max_length=25,
                    ),
                ),
                (
                    "values",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "locales",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6), blank=True, default=list, size=None
                    ),
                ),
                (
                    "guard",
                    models.CharField(
                        choices=[
                            ("accept", "taking a task"),
                            ("preview", "taking a task and reading what is asked"),
                            ("discover", "taking, reading, and seeing that the project is there"),
                        ],
                        default="accept",
                        max_length=10,
                    ),
                ),
                ("group", models.SmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "tier", "qualification", "comparator", "group"),
                        name="projects_requirement_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("guard__in", ["accept", "preview", "discover"])),
                        name="projects_requirement_guard",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "comparator__in",
                                [
                                    "LessThan",
                                    "LessThanOrEqualTo",
                                    "GreaterThan",
                                    "GreaterThanOrEqualTo",
                                    "EqualTo",
                                    "NotEqualTo",
                                    "Exists",
                                    "DoesNotExist",
                                    "In",
                                    "NotIn",
                                ],
                            )
                        ),
                        name="projects_requirement_comparator",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exclusions",
                        to="projects.project",
                        db_index=False,
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.project"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("project", "other"), name="projects_exclusion_unique")],
            },
        ),
        migrations.CreateModel(
            name="TeamInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="team_invitations",
                        to="projects.project",
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("uses_left", models.IntegerField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("uses_left__gte", 0)), name="projects_invitation_uses")
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="team",
                        to="projects.project",
                        db_index=False,
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="teams", to="workers.worker"
                    ),
                ),
                ("joined_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("project", "worker"), name="projects_team_member_unique")
                ],
            },
        ),
        migrations.AddField(
            model_name="configversion",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="configs",
                to="projects.project",
                db_index=False,
            ),
        ),
        migrations.AddField(
            model_name="guidelinesversion",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="guidelines_versions",
                to="projects.project",
                db_index=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="guidelinesversion",
            constraint=models.UniqueConstraint(fields=("project", "version"), name="projects_guidelines_version"),
        ),
        migrations.AddConstraint(
            model_name="configversion",
            constraint=models.UniqueConstraint(fields=("project", "version"), name="projects_config_version"),
        ),
    ]
