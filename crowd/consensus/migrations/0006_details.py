from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consensus", "0005_opinions")]

    operations = [migrations.AddField("consensus", "details", models.JSONField(default=dict))]
