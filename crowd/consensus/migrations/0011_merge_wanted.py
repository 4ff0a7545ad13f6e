import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consensus", "0010_vote_parts"),
        ("projects", "0021_repeats"),
    ]

    operations = [
        migrations.CreateModel(
            name="MergeWanted",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.project"
                    ),
                ),
            ],
        ),
        # The log is short: each aggregation empties it of its project's notes.
        migrations.AddIndex(
            model_name="votechange",
            index=models.Index(fields=["project", "task_id"], name="consensus_note_of_task"),
        ),
        migrations.AlterField(
            model_name="votechange",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="projects.project",
            ),
        ),
    ]
