from django.db import migrations

# A block of the whole site stays until staff have answered: no silence takes it back.
WAIT = """
UPDATE rules_firing SET answer_due_at = NULL
WHERE answered_at IS NULL AND terms ->> 'action' = 'block' AND terms -> 'parameters' ->> 'scope' = 'site'
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial")]

    operations = [migrations.RunSQL(WAIT, migrations.RunSQL.noop)]
