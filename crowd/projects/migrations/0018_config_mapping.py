from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0017_reviews_in_hand")]

    operations = [migrations.AddField("configversion", "mapping", models.JSONField(default=dict))]
