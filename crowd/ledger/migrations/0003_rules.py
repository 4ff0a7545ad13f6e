from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_initial"), ("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """CREATE TRIGGER ledger_transfer_append_only BEFORE UPDATE OR DELETE ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION crowd_append_only()""",
            """DROP TRIGGER ledger_transfer_append_only ON ledger_transfer""",
        ),
        migrations.RunSQL(
            """ALTER TABLE ledger_transfer ADD CONSTRAINT ledger_transfer_debit_account FOREIGN KEY (debit_id, currency) REFERENCES ledger_account (id, currency)""",
            """ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_debit_account""",
        ),
        migrations.RunSQL(
            """ALTER TABLE ledger_transfer ADD CONSTRAINT ledger_transfer_credit_account FOREIGN KEY (credit_id, currency) REFERENCES ledger_account (id, currency)""",
            """ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_credit_account""",
        ),
    ]
