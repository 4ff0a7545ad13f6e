import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("rules", "0002_site_blocks_wait")]

    dependencies = [
        ("projects", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rules", to="projects.project"
                    ),
                ),
                ("state", models.CharField(choices=[("off", "off"), ("on", "on")], default="off", max_length=10)),
                ("terms", models.JSONField()),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "switched_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("switched_at", models.DateTimeField(null=True)),
                ("dry_run", models.JSONField(default=dict)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "on")), fields=["project"], name="rules_rule_on")
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("state__in", ["off", "on"])), name="rules_rule_state"),
                    models.CheckConstraint(
                        condition=models.Q(("removed_at", None), ("state", "off"), _connector="OR"),
                        name="rules_rule_removed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Firing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firings",
                        to="rules.rule",
                        db_index=False,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                        db_index=False,
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firings",
                        to="workers.worker",
                        db_index=False,
                    ),
                ),
                ("number", models.IntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "being carried out"),
                            ("done", "carried out"),
                            ("proposed", "waits for a person"),
                            ("followed", "a person followed it"),
                            ("dismissed", "a person dismissed it"),
                            ("undone", "taken back"),
                        ],
                        default="due",
                        max_length=10,
                    ),
                ),
                ("terms", models.JSONField()),
                ("evidence", models.JSONField()),
                ("result", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
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
                ("decision", models.TextField(blank=True, verbose_name="reason")),
                ("contested_at", models.DateTimeField(null=True)),
                ("contest", models.TextField(blank=True)),
                ("answer_due_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["project", "-id"], name="rules_firing_log"),
                    models.Index(fields=["worker", "-id"], name="rules_firing_worker"),
                    models.Index(condition=models.Q(("state", "due")), fields=["id"], name="rules_firing_due"),
                    models.Index(
                        condition=models.Q(("state", "proposed")), fields=["id"], name="rules_firing_proposed"
                    ),
                    models.Index(condition=models.Q(("ended_at", None)), fields=["ends_at"], name="rules_firing_ends"),
                    models.Index(
                        condition=models.Q(("answered_at", None), ("contested_at__isnull", False)),
                        fields=["answer_due_at"],
                        name="rules_firing_contested",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("rule", "worker", "number"), name="rules_firing_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["due", "done", "proposed", "followed", "dismissed", "undone"])
                        ),
                        name="rules_firing_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.project"
                    ),
                ),
                ("answer_id", models.BigIntegerField(default=0)),
                ("assignment_id", models.BigIntegerField(default=0)),
                ("run_id", models.BigIntegerField(default=0)),
                ("whole_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
