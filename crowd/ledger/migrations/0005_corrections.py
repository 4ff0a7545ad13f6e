from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_balance"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="account",
            name="ledger_account_purpose",
        ),
        migrations.AlterField(
            model_name="account",
            name="purpose",
            field=models.CharField(
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
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("purpose__in", ["available", "escrow", "in_transit", "fees", "corrections", "bank"])
                ),
                name="ledger_account_purpose",
            ),
        ),
    ]
