import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("review", "0003_peers_tier")]

    dependencies = [
        ("assignments", "0001_initial"),
        ("projects", "0001_initial"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="workers.worker"
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        choices=[("rejection", "a rejected answer"), ("pause", "a pause"), ("block", "a block")],
                        max_length=10,
                    ),
                ),
                (
                    "rejection",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeal",
                        to="assignments.rejection",
                    ),
                ),
                (
                    "participation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="assignments.participation",
                        db_index=False,
                    ),
                ),
                (
                    "block",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeal",
                        to="workers.block",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.organisation",
                        db_index=False,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="projects.project",
                    ),
                ),
                ("about_at", models.DateTimeField()),
                ("text", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "waits for a decision"), ("granted", "granted"), ("upheld", "not granted")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("peers", models.SmallIntegerField(default=0)),
                ("peers_tier", models.SmallIntegerField(db_default=0, default=0)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
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
                ("evidence", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["due_at"], name="review_appeal_open"),
                    models.Index(fields=["organisation", "-id"], name="review_appeal_organisation"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "granted", "upheld"])), name="review_appeal_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("block", None),
                                ("participation", None),
                                ("rejection__isnull", False),
                                ("subject", "rejection"),
                            ),
                            models.Q(
                                ("block", None),
                                ("participation__isnull", False),
                                ("rejection", None),
                                ("subject", "pause"),
                            ),
                            models.Q(
                                ("block__isnull", False),
                                ("participation", None),
                                ("rejection", None),
                                ("subject", "block"),
                            ),
                            _connector="OR",
                        ),
                        name="review_appeal_subject",
                    ),
                    models.UniqueConstraint(fields=("participation", "about_at"), name="review_appeal_once_a_pause"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ratings",
                        to="workers.worker",
                        db_index=False,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ratings", to="projects.project"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="users.organisation"
                    ),
                ),
                ("pay", models.SmallIntegerField()),
                ("clarity", models.SmallIntegerField()),
                ("fairness", models.SmallIntegerField()),
                ("rated_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("worker", "project"), name="review_rating_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("clarity__range", (1, 5)), ("fairness__range", (1, 5)), ("pay__range", (1, 5))
                        ),
                        name="review_rating_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="review_plan", to="projects.project"
                    ),
                ),
                ("share", models.DecimalField(decimal_places=3, default=0, max_digits=4)),
                ("low_posterior", models.FloatField(null=True)),
                ("disagreement", models.BooleanField(default=False)),
                ("new_worker_answers", models.SmallIntegerField(default=0)),
                ("two_levels", models.BooleanField(default=False)),
                ("reward_micros", models.BigIntegerField(default=0)),
                ("fee_micros", models.BigIntegerField(default=0)),
                ("rework_reward_micros", models.BigIntegerField(default=0)),
                ("rework_fee_micros", models.BigIntegerField(default=0)),
                ("rework_hours", models.SmallIntegerField(default=48)),
                ("through_run", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reward_micros__gte", 0),
                            ("rework_hours__range", (1, 720)),
                            ("rework_reward_micros__gte", 0),
                            ("share__range", (0, 1)),
                        ),
                        name="review_plan_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reviewer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviewers",
                        to="projects.project",
                        db_index=False,
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviewing", to="workers.worker"
                    ),
                ),
                ("level", models.SmallIntegerField(default=1)),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("named_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("project", "worker"), name="review_reviewer_once"),
                    models.CheckConstraint(condition=models.Q(("level__in", (1, 2))), name="review_reviewer_level"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="task_reviews", to="projects.project"
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="projects.task",
                        db_index=False,
                    ),
                ),
                ("round", models.SmallIntegerField(default=1)),
                ("level", models.SmallIntegerField(default=1)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("sample", "drawn by lot"),
                            ("low", "we are not sure of it"),
                            ("differ", "workers disagree"),
                            ("new", "a new worker"),
                            ("rework", "sent back before"),
                            ("second", "a first reviewer wants a change"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for a reviewer"),
                            ("taken", "in a reviewer's hands"),
                            ("done", "reviewed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                (
                    "reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="task_reviews",
                        to="workers.worker",
                    ),
                ),
                ("taken_until", models.DateTimeField(null=True)),
                ("reward_micros", models.BigIntegerField(default=0)),
                ("fee_micros", models.BigIntegerField(default=0)),
                ("verdicts", models.JSONField(default=list)),
                ("value", models.JSONField(null=True)),
                ("carried_out", models.BooleanField(default=False)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["open", "taken"])),
                        fields=["project", "id"],
                        name="review_task_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "round", "level"), name="review_task_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "taken", "done"])), name="review_task_state"
                    ),
                ],
            },
        ),
    ]
