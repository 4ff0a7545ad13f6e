from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("assignments", "0001_initial"), ("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER assignments_answer_append_only BEFORE UPDATE OR DELETE ON assignments_answer "
            "FOR EACH ROW EXECUTE FUNCTION crowd_append_only()",
            "DROP TRIGGER assignments_answer_append_only ON assignments_answer",
        ),
        # Room on each page for the next version of a row: these are updated by every take or submit.
        migrations.RunSQL(
            "ALTER TABLE assignments_participation SET (fillfactor = 50)",
            "ALTER TABLE assignments_participation RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "ALTER TABLE assignments_assignment SET (fillfactor = 80)",
            "ALTER TABLE assignments_assignment RESET (fillfactor)",
        ),
    ]
