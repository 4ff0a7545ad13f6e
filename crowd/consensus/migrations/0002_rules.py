from django.db import migrations

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
    replaces = [("consensus", "0010_vote_parts")]
    dependencies = [("consensus", "0001_initial"), ("assignments", "0001_initial")]
    operations = [
        migrations.RunSQL(NOTE, "DROP FUNCTION consensus_note_change()"),
        migrations.RunSQL(WHEN_CHANGED, "DROP TRIGGER consensus_vote_changed ON assignments_assignment"),
        migrations.RunSQL(WHEN_MADE, "DROP TRIGGER consensus_vote_made ON assignments_assignment"),
    ]
