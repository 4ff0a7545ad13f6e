"""Each migration that is not out yet, on a filled database, while the code that is out goes on with its work.

What the old code did it must still be able to do afterwards (expand, then contract), and no row may be read or written
behind a lock for which it would wait: a lock alone is over in a moment, however large the table is. CONTRIBUTING says
how to make such a migration. `BAD` and `GOOD` show that the test tells them apart.
"""

from collections.abc import Sequence

import psycopg
import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import DatabaseError, connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tests.api import world
from tests.database import is_superuser
from tests.migrating import filled, old_code, running
from tests.migrating.base import BASE
from tests.migrating.old_code import OldCode

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MANY = models.CheckConstraint(condition=models.Q(attempt__lt=99), name="many_attempts")
FEW = models.CheckConstraint(condition=models.Q(attempt__lt=50), name="few_attempts")
LATE = models.Index("submitted_at", name="answer_by_time")
BAD: dict[str, Sequence[Operation]] = {
    "a column is taken away": [migrations.RemoveField("answer", "late")],
    "a column gets another name": [migrations.RenameField("answer", "elapsed_ms", "spent_ms")],
    "a column without which no row is complete": [
        migrations.AddField("answer", "care", models.CharField(max_length=9, default="")),
    ],
    "a column changes its type": [migrations.AlterField("answer", "spent_ms", models.BigIntegerField())],
    "what the rows that are there refuse": [migrations.AlterField("assignment", "due_at", models.DateTimeField())],
    "an index that lets nobody write": [migrations.AddIndex("answer", LATE)],
    "a constraint for which all rows are read": [migrations.AddConstraint("assignment", MANY)],
    "a table goes": [migrations.DeleteModel("leaving")],
    "a table gets another name": [migrations.AlterModelTable("draft", "drafted")],
    "data changed behind the lock of a schema change": [
        migrations.AddField("participation", "mood", models.CharField(max_length=9, null=True)),
        migrations.RunSQL("UPDATE assignments_participation SET mood = 'good'", migrations.RunSQL.noop),
    ],
}
GOOD: dict[str, Sequence[Operation]] = {
    "a column that may be empty": [migrations.AddField("answer", "mood", models.CharField(max_length=9, null=True))],
    "a column whose default is the database's": [
        migrations.AddField("answer", "tone", models.CharField(max_length=9, db_default="")),
    ],
    "an index beside the work": [AddIndexConcurrently("answer", models.Index("task_id", name="answer_by_task"))],
    "a constraint for what comes": [AddConstraintNotValid("assignment", FEW)],
    "and for what is there": [ValidateConstraint("assignment", "few_attempts")],
    "a new table": [migrations.CreateModel("mood", [("id", models.BigAutoField(primary_key=True))])],
    "data alone": [migrations.RunSQL("UPDATE assignments_participation SET cursor = 1", migrations.RunSQL.noop)],
}


ALONE = {"an index beside the work"}  # each operation in a transaction of its own, or in none


def migration(name: str, operations: Sequence[Operation]) -> Migration:
    kind: type[Migration] = type("_", (Migration,), {"operations": list(operations), "atomic": name not in ALONE})
    return kind("9999_synthetic", "assignments")


def faults(one: Migration, state: ProjectState, code: OldCode, conninfo: str) -> tuple[ProjectState, list[str]]:
    """What the old code would have to suffer from it, in words; the migration is carried out."""
    with psycopg.connect(conninfo, autocommit=True) as line:
        before = code.outcomes(line)
        try:
            with old_code.serving(code, conninfo) as seen:
                ran = running.run(one, state)
        except DatabaseError as error:
            return state, [f"it fails: {error}"]
        after = code.outcomes(line)
    locked = [f"{table}: {what}" for table, what in ran.behind_locks.items()]
    return ran.state, [*sorted({*old_code.changed(before, after), *old_code.changed(before, seen)}), *locked]


def test_migrations_that_are_not_out_yet_let_the_old_code_work() -> None:
    if not is_superuser():
        pytest.skip("it makes databases")
    world.build()
    with filled.copied() as conninfo:
        executor, state = filled.back_to(BASE)
        code = old_code.of(state, filled.our_apps(), conninfo)
        assert len([name for name in code.statements if name.startswith("change")]) > 60, "the database is not filled"
        found = tried(BAD | GOOD, state)
        assert {name for name, faults in found.items() if faults} == BAD.keys(), found
        said = waiting(executor, state, code, conninfo)
    assert not said, "\n".join(said)


def tried(synthetic: dict[str, Sequence[Operation]], state: ProjectState) -> dict[str, list[str]]:
    """What is wrong with each of them for the code before it, one after the other in a copy."""
    with filled.copied() as copy:
        state, found = state.clone(), {}
        for name, operations in synthetic.items():
            code = old_code.of(state, ["assignments"], copy)
            state, found[name] = faults(migration(name, operations), state, code, copy)
    return found


def waiting(executor: MigrationExecutor, state: ProjectState, code: OldCode, conninfo: str) -> list[str]:
    """What is wrong with the migrations after the base, each run after those before it."""
    said = []
    for one, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        state, found = faults(one, state, code, conninfo)
        said += [f"{one.app_label}.{one.name}: {fault}" for fault in found]
    return said


def test_every_app_with_migrations_says_what_of_it_is_out() -> None:
    leaves = dict(MigrationExecutor(connection).loader.graph.leaf_nodes())
    assert {label for label in filled.our_apps() if label in leaves} == BASE.keys()
