from django.db import migrations

# Until 0023 a task that was sent up took along how many of its answers were bought below. Where a tier buys by now,
# they may be its own.
FORGET = """
UPDATE projects_task t SET bought = 0 FROM projects_tier r
WHERE r.project_id = t.project_id AND r.number = t.tier AND r.most_answers IS NULL AND t.bought > 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0025_one_index_each"),
    ]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
    ]
