from django.db import migrations, models


CLOCK = """
INSERT INTO kernel_clock (id, shift) VALUES (1, interval '0');
CREATE FUNCTION crowd_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
AS 'SELECT transaction_timestamp() + coalesce((SELECT shift FROM kernel_clock WHERE id = 1), interval ''0'')';
"""

# Insert-only tables hang this function on UPDATE and DELETE. TRUNCATE stays possible: it needs the
# table's owner, and the test suite flushes with it.
APPEND_ONLY = """
CREATE FUNCTION crowd_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    replaces = [("kernel", "0004_job_runs")]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
                ("runs", models.BigIntegerField(default=0)),
                ("failures", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Watermark",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("through", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "kernel_watermark",
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("shift", models.DurationField()),
            ],
            options={
                "db_table": "kernel_clock",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="kernel_clock_one_row")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=120)),
                ("key", models.CharField(max_length=120)),
                ("request_digest", models.CharField(max_length=64)),
                ("attempt", models.SmallIntegerField(default=1)),
                ("applied_at", models.DateTimeField(null=True)),
                ("status", models.SmallIntegerField(null=True)),
                ("body", models.JSONField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "kernel_idempotency",
                "indexes": [models.Index(fields=["created_at"], name="kernel_idempotency_age")],
                "constraints": [models.UniqueConstraint(fields=("scope", "key"), name="kernel_idempotency_unique")],
            },
        ),
        migrations.RunSQL(CLOCK, "DROP FUNCTION crowd_now()"),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION crowd_append_only()"),
    ]
