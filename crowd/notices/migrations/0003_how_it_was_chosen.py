from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_how")]

    operations = [
        migrations.RunSQL("UPDATE notices_noticechoice SET how = 'mail' WHERE mail", migrations.RunSQL.noop),
    ]
