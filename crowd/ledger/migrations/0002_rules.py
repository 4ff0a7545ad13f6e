from django.db import migrations

# One statement on this view sees the folded sum and the later transfers of one moment, whatever is folded meanwhile.
# Only the index of an account's side can answer it: with `id > folded_through` alone the planner takes the primary key
# where most transfers are of one account (an escrow), and reads the whole ledger for each account.
BALANCE = """
CREATE VIEW ledger_balance AS
SELECT a.id, a.holder, a.holder_id, a.purpose, a.currency, a.guarded, (
    a.folded_micros
    + coalesce((SELECT sum(amount_micros) FROM ledger_transfer
                WHERE credit_id = a.id AND (credit_id, id) > (a.id, a.folded_through)), 0)
    - coalesce((SELECT sum(amount_micros) FROM ledger_transfer
                WHERE debit_id = a.id AND (debit_id, id) > (a.id, a.folded_through)), 0)
)::bigint AS micros
FROM ledger_account a
"""


class Migration(migrations.Migration):
    replaces = [("ledger", "0003_rules")]
    dependencies = [("ledger", "0001_initial"), ("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER ledger_transfer_append_only BEFORE UPDATE OR DELETE ON ledger_transfer "
            "FOR EACH ROW EXECUTE FUNCTION crowd_append_only()",
            "DROP TRIGGER ledger_transfer_append_only ON ledger_transfer",
        ),
        migrations.RunSQL(
            "ALTER TABLE ledger_transfer ADD CONSTRAINT ledger_transfer_debit_account "
            "FOREIGN KEY (debit_id, currency) REFERENCES ledger_account (id, currency)",
            "ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_debit_account",
        ),
        migrations.RunSQL(
            "ALTER TABLE ledger_transfer ADD CONSTRAINT ledger_transfer_credit_account "
            "FOREIGN KEY (credit_id, currency) REFERENCES ledger_account (id, currency)",
            "ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_credit_account",
        ),
        migrations.RunSQL(BALANCE, "DROP VIEW ledger_balance"),
    ]
