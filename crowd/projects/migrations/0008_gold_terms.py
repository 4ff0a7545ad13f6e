from django.db import migrations, models


class Migration(migrations.Migration):
    """How much gold, when a quiz is passed, what a miss tells, and the reserve that repays for wrong keys."""

    dependencies = [("projects", "0007_reviews")]

    operations = [
        migrations.RemoveConstraint(model_name="project", name="projects_project_reserves"),
        migrations.AddField("project", "corrections_reserve_micros", models.BigIntegerField(default=0)),
        migrations.AddField("project", "explain_misses", models.BooleanField(default=False)),
        migrations.AddField("project", "gold_intervals", models.JSONField(blank=True, default=list)),
        migrations.AddField("project", "quiz_pass", models.SmallIntegerField(blank=True, null=True)),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    gold_reserve_micros__gte=0,
                    extra_reserve_micros__gte=0,
                    corrections_reserve_micros__gte=0,
                    surplus_micros__gte=0,
                    extra_budget_micros__gte=0,
                    planned_slots__gte=0,
                ),
                name="projects_project_reserves",
            ),
        ),
    ]
