from django.db import migrations

# One statement on this view sees the folded sum and the later transfers of one moment, whatever is folded meanwhile.
VIEW = """
CREATE VIEW ledger_balance AS
SELECT a.id, a.holder, a.holder_id, a.purpose, a.currency, a.guarded, (
    a.folded_micros
    + coalesce((SELECT sum(amount_micros) FROM ledger_transfer WHERE credit_id = a.id AND id > a.folded_through), 0)
    - coalesce((SELECT sum(amount_micros) FROM ledger_transfer WHERE debit_id = a.id AND id > a.folded_through), 0)
)::bigint AS micros
FROM ledger_account a
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_rules")]
    operations = [migrations.RunSQL(VIEW, "DROP VIEW ledger_balance")]
