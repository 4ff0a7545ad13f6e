from django.db import migrations

# Each line in the name of who asked for it, with his reason and wish, and about one attempt.
LINES = """
UPDATE assignments_heldbatch b SET lines = coalesce((
    SELECT jsonb_agg(
        jsonb_build_object('attempt', a.attempt, 'reason', b.reason, 'by', b.asked_by_id,
                           'reopen', b.reopen AND NOT x.line ? 'by') || x.line ORDER BY x.number)
    FROM jsonb_array_elements(b.lines) WITH ORDINALITY AS x(line, number)
    JOIN assignments_assignment a ON a.id = (x.line ->> 'assignment')::bigint
), b.lines)
"""


class Migration(migrations.Migration):
    dependencies = [("assignments", "0010_tiers")]

    operations = [migrations.RunSQL(LINES, migrations.RunSQL.noop)]
