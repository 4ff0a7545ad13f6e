import django.db.models.deletion
from django.db import migrations, models

SEEN = "'submitted', 'accepted', 'rejected'"
VOTING = "'submitted', 'accepted'"
# In the transaction that changes the assignment, whoever does it. Neither an acceptance nor a repeated
# task is any matter here.
NOTE = """
CREATE FUNCTION consensus_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO consensus_votechange
        (project_id, assignment_id, attempt, task_id, worker_id, taken_at, state, counts, corrected)
    VALUES (NEW.project_id, NEW.id, NEW.attempt, NEW.task_id, NEW.worker_id, NEW.taken_at, NEW.state, NEW.counts,
        NEW.corrected);
    RETURN NULL;
END $$
"""
WHEN_CHANGED = f"""
CREATE TRIGGER consensus_vote_changed
AFTER UPDATE OF state, counts, corrected, attempt, taken_at ON assignments_assignment FOR EACH ROW
WHEN (NOT NEW.is_repeat AND (OLD.state IN ({SEEN}) OR NEW.state IN ({SEEN}))
      AND (OLD.state IN ({SEEN}), OLD.state IN ({VOTING}), OLD.counts, OLD.corrected, OLD.attempt, OLD.taken_at)
          IS DISTINCT FROM
          (NEW.state IN ({SEEN}), NEW.state IN ({VOTING}), NEW.counts, NEW.corrected, NEW.attempt, NEW.taken_at))
EXECUTE FUNCTION consensus_note_change()
"""
WHEN_MADE = f"""
CREATE TRIGGER consensus_vote_made AFTER INSERT ON assignments_assignment FOR EACH ROW
WHEN (NOT NEW.is_repeat AND NEW.state IN ({SEEN})) EXECUTE FUNCTION consensus_note_change()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assignments", "0013_contributions"),
        ("consensus", "0009_sure"),
        ("projects", "0021_repeats"),
    ]

    operations = [
        migrations.CreateModel(
            name="VoteChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("assignment_id", models.BigIntegerField()),
                ("attempt", models.SmallIntegerField()),
                ("task_id", models.BigIntegerField()),
                ("worker_id", models.BigIntegerField()),
                ("taken_at", models.DateTimeField()),
                ("state", models.CharField(max_length=10)),
                ("counts", models.BooleanField()),
                ("corrected", models.BooleanField()),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VotePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("rows", models.IntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("data", models.BinaryField()),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("project", "number"), name="consensus_part_once")],
            },
        ),
        migrations.RunSQL(NOTE, "DROP FUNCTION consensus_note_change()"),
        migrations.RunSQL(WHEN_CHANGED, "DROP TRIGGER consensus_vote_changed ON assignments_assignment"),
        migrations.RunSQL(WHEN_MADE, "DROP TRIGGER consensus_vote_made ON assignments_assignment"),
    ]
