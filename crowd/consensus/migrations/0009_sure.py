from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consensus", "0008_bias_reports")]

    operations = [
        migrations.AddField(model_name="consensus", name="sure", field=models.FloatField(null=True)),
        migrations.RunSQL("UPDATE consensus_consensus SET sure = posterior", migrations.RunSQL.noop),
    ]
