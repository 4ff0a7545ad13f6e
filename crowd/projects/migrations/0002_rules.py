from django.db import migrations


class Migration(migrations.Migration):
    replaces = [("projects", "0003_rules")]
    dependencies = [("projects", "0001_initial"), ("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER projects_configversion_append_only BEFORE UPDATE OR DELETE ON projects_configversion "
            "FOR EACH ROW EXECUTE FUNCTION crowd_append_only()",
            "DROP TRIGGER projects_configversion_append_only ON projects_configversion",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER projects_guidelinesversion_append_only BEFORE UPDATE OR DELETE ON projects_guidelinesversion "
            "FOR EACH ROW EXECUTE FUNCTION crowd_append_only()",
            "DROP TRIGGER projects_guidelinesversion_append_only ON projects_guidelinesversion",
        ),
        # Room on each page for the next version of a row.
        migrations.RunSQL(
            "ALTER TABLE projects_task SET (fillfactor = 80)", "ALTER TABLE projects_task RESET (fillfactor)"
        ),
    ]
