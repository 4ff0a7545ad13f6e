import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("qualifications", "0010_told_of_used_up_pay")]

    dependencies = [
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Qualification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="qualifications",
                        to="users.organisation",
                        db_index=False,
                    ),
                ),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "system",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accepted_count", "accepted answers"),
                            ("acceptance_rate", "share of accepted answers, in per cent"),
                            ("locale", "country or region"),
                            ("account_age_days", "days since joining"),
                            ("adult", "agreed to see adult content (1) or not (0)"),
                            ("accuracy", "accuracy on known answers, in per cent"),
                            ("language", "language, tested"),
                        ],
                        max_length=20,
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=60)),
                ("public", models.BooleanField(default=True)),
                (
                    "asking",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "workers cannot ask for it"),
                            ("decided", "a person decides"),
                            ("at_once", "it is granted at once"),
                            ("document", "staff verify a document"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("auto_value", models.SmallIntegerField(default=1)),
                ("valid_days", models.IntegerField(null=True)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "name"), name="qualifications_name_unique", nulls_distinct=False
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("system", ""), _negated=True),
                        fields=("system", "subject"),
                        name="qualifications_system_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asking__in", ["", "decided", "at_once", "document"])),
                        name="qualifications_asking",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asking", "document"), _negated=True), ("organisation", None), _connector="OR"
                        ),
                        name="qualifications_document_of_site",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("auto_value__range", (0, 100))), name="qualifications_auto_value"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_days", None), ("valid_days__gt", 0), _connector="OR"),
                        name="qualifications_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Test",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tests",
                        to="qualifications.qualification",
                        db_index=False,
                    ),
                ),
                ("version", models.IntegerField()),
                ("config", models.JSONField()),
                ("items", models.JSONField()),
                ("mapping", models.JSONField(blank=True, default=dict)),
                ("draw", models.JSONField(blank=True, default=dict)),
                ("training", models.BooleanField(default=False)),
                ("pass_mark", models.SmallIntegerField()),
                ("time_limit_s", models.IntegerField()),
                ("retry_delay_s", models.IntegerField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("qualification", "version"), name="qualifications_test_version"),
                    models.CheckConstraint(
                        condition=models.Q(("pass_mark__range", (0, 100))), name="qualifications_test_pass_mark"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TestPay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "qualification",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="test_pay",
                        to="qualifications.qualification",
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("reward_micros", models.BigIntegerField(default=0)),
                ("fee_micros", models.BigIntegerField(default=0)),
                ("reserve_micros", models.BigIntegerField(default=0)),
                ("told_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fee_micros__gte", 0), ("reserve_micros__gte", 0), ("reward_micros__gte", 0)
                        ),
                        name="qualifications_test_pay_money",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "test",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="qualifications.test"
                    ),
                ),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="qualifications.qualification",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="workers.worker"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "under way"), ("submitted", "submitted"), ("expired", "out of time")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("deadline", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                (
                    "drawn",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), default=list, size=None
                    ),
                ),
                ("answers", models.JSONField(null=True)),
                ("draft", models.JSONField(null=True)),
                ("score", models.SmallIntegerField(null=True)),
                ("passed", models.BooleanField(null=True)),
                ("reward_micros", models.BigIntegerField(db_default=0, default=0)),
                ("fee_micros", models.BigIntegerField(db_default=0, default=0)),
                ("currency", models.CharField(blank=True, db_default="", default="", max_length=3)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reward_micros__gt", 0), ("state__in", ["active", "submitted"])),
                        fields=("qualification", "worker"),
                        name="qualifications_attempt_paid_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fee_micros", 0), ("reward_micros", 0)),
                            models.Q(("fee_micros__gte", 0), ("reward_micros__gt", 0)),
                            _connector="OR",
                        ),
                        name="qualifications_attempt_pay",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")),
                        fields=("qualification", "worker"),
                        name="qualifications_attempt_one_active",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "submitted", "expired"])),
                        name="qualifications_attempt_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="qualifications.qualification",
                        db_index=False,
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="workers.worker",
                        db_index=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("granted", "granted"), ("revoked", "revoked")], default="granted", max_length=10
                    ),
                ),
                ("value", models.SmallIntegerField(default=100)),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("granted_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("end_told", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["worker"], name="qualifications_grant_worker"),
                    models.Index(
                        condition=models.Q(("expires_at__isnull", False), ("state", "granted")),
                        fields=["expires_at"],
                        name="qualifications_grant_end",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("qualification", "worker"), name="qualifications_grant_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("value__range", (0, 100))), name="qualifications_grant_value"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["granted", "revoked"])), name="qualifications_grant_state"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GrantRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="qualifications.qualification",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grant_requests", to="workers.worker"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waiting"),
                            ("granted", "granted"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("message", models.TextField(blank=True)),
                ("document", models.BinaryField(null=True)),
                ("document_type", models.CharField(blank=True, max_length=20)),
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
                        condition=models.Q(("state", "open")),
                        fields=("qualification", "worker"),
                        name="qualifications_request_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "granted", "refused", "withdrawn"])),
                        name="qualifications_request_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="qualifications_request_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SkillAccuracy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="qualifications.qualification"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="skills",
                        to="workers.worker",
                        db_index=False,
                    ),
                ),
                ("right", models.FloatField()),
                ("wrong", models.FloatField()),
                ("brought_right", models.FloatField(default=0)),
                ("brought_wrong", models.FloatField(default=0)),
                ("as_of", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("worker", "qualification"), name="qualifications_skill_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("right__gte", 0), ("wrong__gte", 0)), name="qualifications_skill_counts"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BroughtRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="brought_records",
                        to="workers.worker",
                        db_index=False,
                    ),
                ),
                ("site", models.CharField(max_length=200)),
                ("skills", models.JSONField()),
                ("content", models.JSONField()),
                ("brought_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("worker", "site"), name="qualifications_brought_once")],
            },
        ),
    ]
