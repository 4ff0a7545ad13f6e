from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.AddField("idempotencyrecord", "attempt", models.SmallIntegerField(default=1)),
        migrations.AddField("idempotencyrecord", "applied_at", models.DateTimeField(null=True)),
    ]
