from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("assignments", "0002_rules")]
    operations = [
        AddIndexConcurrently(
            model_name="assignment",
            index=models.Index(
                fields=["project", "worker", "submitted_at", "id"],
                condition=models.Q(is_gold=True, submitted_at__isnull=False),
                name="assignments_gold_given",
            ),
        ),
    ]
