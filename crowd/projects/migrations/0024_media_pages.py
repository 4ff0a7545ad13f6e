from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0023_tier_most_answers")]

    operations = [migrations.AddField("mediafile", "pages", models.IntegerField(null=True))]
