import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("ledger", "0009_balance_by_account")]

    dependencies = [
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "holder",
                    models.CharField(
                        choices=[
                            ("outside", "the world outside"),
                            ("platform", "the platform"),
                            ("organisation", "an organisation"),
                            ("project", "a project"),
                            ("worker", "a worker"),
                            ("test", "a test"),
                        ],
                        max_length=12,
                    ),
                ),
                ("holder_id", models.BigIntegerField(default=0)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("available", "available"),
                            ("escrow", "reserved for a project"),
                            ("in_transit", "on the way out"),
                            ("fees", "fees"),
                            ("corrections", "corrections"),
                            ("bank", "bank"),
                        ],
                        max_length=12,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("guarded", models.BooleanField()),
                ("folded_micros", models.BigIntegerField(default=0)),
                ("folded_through", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("holder", "holder_id", "purpose", "currency"), name="ledger_account_one_each"
                    ),
                    models.UniqueConstraint(fields=("id", "currency"), name="ledger_account_currency"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("holder__in", ["outside", "platform", "organisation", "project", "worker", "test"])
                        ),
                        name="ledger_account_holder",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("purpose__in", ["available", "escrow", "in_transit", "fees", "corrections", "bank"])
                        ),
                        name="ledger_account_purpose",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=100, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("deposit", "deposit"),
                            ("withdraw", "withdrawal"),
                            ("withdrawn", "withdrawal sent"),
                            ("withdraw_failed", "withdrawal failed"),
                            ("reserve", "reserved for a project"),
                            ("release", "returned from a project"),
                            ("reward", "reward"),
                            ("fee", "fee"),
                            ("bonus", "bonus"),
                            ("bonus_fee", "fee on a bonus"),
                            ("top_up", "topped up to the pay floor"),
                            ("top_up_fee", "fee on a top-up"),
                            ("test_reserve", "set aside for a test"),
                            ("test_release", "returned from a test"),
                            ("test_reward", "paid for a test"),
                            ("test_fee", "fee on a test"),
                            ("payout", "payout requested"),
                            ("paid_out", "payout sent"),
                            ("payout_failed", "payout failed"),
                            ("correction", "correction"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "debit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debits",
                        to="ledger.account",
                    ),
                ),
                (
                    "credit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="ledger.account",
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount_micros", models.BigIntegerField()),
                ("project_ref", models.BigIntegerField(null=True)),
                ("subject_ref", models.BigIntegerField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["debit", "id"], name="ledger_transfer_debit"),
                    models.Index(fields=["credit", "id"], name="ledger_transfer_credit"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_micros__gt", 0)), name="ledger_transfer_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debit", models.F("credit")), _negated=True),
                        name="ledger_transfer_two_accounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "deposit",
                                    "withdraw",
                                    "withdrawn",
                                    "withdraw_failed",
                                    "reserve",
                                    "release",
                                    "reward",
                                    "fee",
                                    "bonus",
                                    "bonus_fee",
                                    "top_up",
                                    "top_up_fee",
                                    "test_reserve",
                                    "test_release",
                                    "test_reward",
                                    "test_fee",
                                    "payout",
                                    "paid_out",
                                    "payout_failed",
                                    "correction",
                                ],
                            )
                        ),
                        name="ledger_transfer_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deposit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "waits for a second person"), ("done", "done"), ("refused", "refused")],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("amount_micros", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("reason", models.TextField(blank=True)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
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
                ("decision_reason", models.TextField(blank=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deposits", to="users.organisation"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_micros__gt", 0)), name="ledger_deposit_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "done", "refused"])), name="ledger_deposit_state"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("reference", ""), _negated=True), models.Q(("state", "refused"), _negated=True)
                        ),
                        fields=("currency", "reference"),
                        name="ledger_deposit_reference",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "waits for a second person"), ("done", "done"), ("refused", "refused")],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("amount_micros", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("reason", models.TextField(blank=True)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
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
                ("decision_reason", models.TextField(blank=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withdrawals", to="users.organisation"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_micros__gt", 0)), name="ledger_withdrawal_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "done", "refused"])),
                        name="ledger_withdrawal_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "waits for a second person"), ("done", "done"), ("refused", "refused")],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("amount_micros", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("reason", models.TextField(blank=True)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
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
                ("decision_reason", models.TextField(blank=True)),
                (
                    "debit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
                    ),
                ),
                (
                    "credit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_micros__gt", 0)), name="ledger_correction_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "done", "refused"])),
                        name="ledger_correction_state",
                    ),
                ],
            },
        ),
    ]
