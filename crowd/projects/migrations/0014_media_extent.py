from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0013_pay_floor")]

    operations = [
        migrations.AddField("mediafile", "width", models.IntegerField(null=True)),
        migrations.AddField("mediafile", "height", models.IntegerField(null=True)),
        migrations.AddField("mediafile", "seconds", models.FloatField(null=True)),
    ]
