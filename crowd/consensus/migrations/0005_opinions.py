from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consensus", "0004_gain")]

    operations = [migrations.AddField("consensus", "intervals", models.JSONField(default=dict))]
