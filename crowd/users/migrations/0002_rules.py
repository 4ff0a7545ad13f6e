from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial"), ("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """CREATE TRIGGER users_auditentry_append_only BEFORE UPDATE OR DELETE ON users_auditentry FOR EACH ROW EXECUTE FUNCTION crowd_append_only()""",
            """DROP TRIGGER users_auditentry_append_only ON users_auditentry""",
        ),
    ]
