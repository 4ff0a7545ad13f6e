from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Each tier is a ring of its own. Nobody waits while the index is built: the old one serves until then."""

    atomic = False

    dependencies = [("projects", "0015_tiers")]

    operations = [
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                condition=models.Q(("open", True)),
                fields=["project", "tier", "priority", "ring"],
                name="projects_task_tier_ring",
            ),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                condition=models.Q(("cannot_answer_count__gt", 0)),
                fields=["project", "tier"],
                name="projects_task_reported",
            ),
        ),
        RemoveIndexConcurrently(model_name="task", name="projects_task_ring"),
    ]
