"""The votes that are kept: what happens to an answer reaches them by the log alone, and nothing is lost or doubled."""

import json
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from crowd.assignments.models import Assignment
from crowd.assignments.services import accept, reject, rework, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.consensus import invariants
from crowd.consensus.errors import Busy
from crowd.consensus.jobs import aggregate_project, due_for_aggregation
from crowd.consensus.models import AggregationRun, Consensus, VoteChange, VotePart
from crowd.consensus.services import fold
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.close import close_project
from crowd.consensus.services.decide import decide
from crowd.consensus.services.store import MOVED
from crowd.kernel import clock, locks
from crowd.labeling.config import parse
from crowd.projects.models import Project, Task
from crowd.projects.services import publish
from crowd.projects.services.config import next_config
from crowd.users.models import Organisation, User
from tests import make
from tests.make_project import make_open, texts
from tests.races import PATIENCE_S, together
from workers.models import Worker

MANY = (
    """INSERT INTO assignments_assignment (project_id, task_id, worker_id, state, attempt, counts, is_gold,
           reward_micros, fee_micros, config_id, taken_at, opened_at, deadline, submitted_at, return_reason)
       SELECT p.id, t.id, w, 'submitted', 1, true, false, 0, 0, p.config_id, now(), now(), now(), now(), ''
       FROM projects_project p CROSS JOIN unnest(%(workers)s::bigint[]) w CROSS JOIN LATERAL
           (SELECT id FROM projects_task WHERE project_id = p.id ORDER BY id LIMIT %(tasks)s) t
       WHERE p.id = %(project)s""",
    """INSERT INTO assignments_answer (project_id, assignment_id, attempt, task_id, worker_id, config_id, value,
           cannot_answer, late, submitted_at, elapsed_ms)
       SELECT s.project_id, s.id, 1, s.task_id, s.worker_id, s.config_id, '{"units": [{"mood": "good"}]}', '', false,
           now(), 1
       FROM assignments_assignment s LEFT JOIN assignments_answer a ON a.assignment_id = s.id
       WHERE s.project_id = %(project)s AND a.id IS NULL ORDER BY s.id""",
    """INSERT INTO assignments_participation (project_id, worker_id, state, cursor, taken_count, submitted_count,
           next_gold_at, gold_right, gold_wrong, forgiven_right, forgiven_wrong, gold_spent_micros, quiz_owed_micros,
           eligible_for, tiers, pause_reason, pause_evidence, recount_due)
       SELECT %(project)s, w, 'active', 0, %(tasks)s, %(tasks)s, 0, 0, 0, 0, 0, 0, 0, '', '{}', '', '{}', false
       FROM unnest(%(workers)s::bigint[]) w""",
)
GROUNDS = Grounds(evidence="written", reason="The text is clearly about the weather.")


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation, rows=texts(6), redundancy=4)


def answer(worker: Worker, project: Project, number: int, mood: str = "good") -> list[int]:
    """So many of his tasks; the assignments."""
    done = []
    for _each in range(number):
        held = take.take_next(worker=worker, project_id=project.pk)
        submit(worker=worker, assignment_id=held.pk, value={"mood": mood}, take_next=False)
        done.append(held.pk)
    return done


def kept_is_what_there_is(project: Project) -> None:
    assert invariants.INVARIANTS[0].rows() == []
    read, kept = fold.every(project.pk), fold.kept(project.pk)
    assert kept is not None
    assert len(read) == (kept["flags"] & 1).sum() > 0


@pytest.mark.django_db
def test_what_happens_to_an_answer_is_noted_and_folded_once(
    project: Project, requester: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "SIZE", 4)
    one, other, late = (make.make_worker() for _each in range(3))
    mine = answer(one, project, 5)
    answer(other, project, 5)
    aggregate(project.pk)  # the first time all is read
    assert VoteChange.objects.count() == 0
    assert list(VotePart.objects.order_by("number").values_list("rows", flat=True)) == [4, 4, 2]
    kept_is_what_there_is(project)

    with monkeypatch.context() as read:
        read.setattr(fold, "every", None)  # from now on nothing is read but what is new
        answer(late, project, 2, "bad")
        reject.reject(actor=requester, project_id=project.pk, assignment_ids=mine[:2], grounds=GROUNDS, reopen=False)
        Assignment.objects.filter(pk=mine[2]).update(counts=False)
        with transaction.atomic():  # one that is rolled back leaves no note
            Assignment.objects.filter(pk=mine[3]).update(corrected=True)
            transaction.set_rollback(True)
        assert VoteChange.objects.count() == 2 + 2 + 1
        parts = dict(VotePart.objects.values_list("number", "sha256"))
        run = aggregate(project.pk)
        assert run is not None
        assert (run.answers, VoteChange.objects.count()) == (12, 0)
        now = dict(VotePart.objects.values_list("number", "sha256"))
        # Behind a last one that is full stands another.
        assert {number for number in now if now[number] != parts.get(number)} == {0, 2, 3}
    kept_is_what_there_is(project)
    cold = AggregationRun.objects.latest("id").input_sha256
    VotePart.objects.all().delete()
    again = aggregate(project.pk)
    assert again is not None
    assert again.input_sha256 == cold  # the same answers, whichever way they were read

    VotePart.objects.filter(number=0).update(data=b"torn")
    assert invariants.INVARIANTS[0].rows() == [
        {"project": project.pk, "fault": "a part is missing, or not what its hash says"}
    ]
    aggregate(project.pk)
    kept_is_what_there_is(project)
    VotePart.objects.filter(number=1).delete()  # one in the middle, whose neighbours are whole
    assert fold.kept(project.pk) is None
    whole = aggregate(project.pk)
    assert whole is not None
    assert whole.input_sha256 == cold
    kept_is_what_there_is(project)


@pytest.mark.django_db
def test_a_last_part_that_is_missing_is_seen_though_all_before_it_are_whole(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "SIZE", 4)
    for answers, stored in ((2, [2]), (2, [4, 0]), (1, [4, 1]), (3, [4, 4, 0])):
        answer(make.make_worker(), project, answers)
        aggregate(project.pk)
        assert list(VotePart.objects.order_by("number").values_list("rows", flat=True)) == stored
        kept_is_what_there_is(project)
        before = AggregationRun.objects.latest("id").input_sha256
        VotePart.objects.filter(number=len(stored) - 1).delete()
        assert fold.kept(project.pk) is None
        again = aggregate(project.pk)
        assert again is not None
        assert again.input_sha256 == before
        kept_is_what_there_is(project)


@pytest.mark.django_db
def test_what_changes_during_a_run_is_merged_by_the_next_one(
    project: Project, requester: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert due_for_aggregation() == []
    mine = answer(make.make_worker(), project, 6)
    aggregate(project.pk)
    assert due_for_aggregation() == []
    task = Assignment.objects.get(pk=mine[0]).task_id
    every = fold.fold

    def decided_meanwhile(project_id: int) -> Any:
        decide(project, question="mood", keys=[(task, 0)], label="bad", now=clock.now())
        return every(project_id)

    monkeypatch.setattr(fold, "fold", decided_meanwhile)
    aggregate(project.pk)
    monkeypatch.undo()
    assert due_for_aggregation() == [project.pk]
    aggregate_project(project.pk)
    assert due_for_aggregation() == []
    reject.reject(actor=requester, project_id=project.pk, assignment_ids=mine[1:2], grounds=GROUNDS, reopen=False)
    assert due_for_aggregation() == [project.pk]  # no further answer, and still not as it was
    aggregate_project(project.pk)
    assert due_for_aggregation() == []

    publish.start_closing(actor=requester, project_id=project.pk)
    accept.accept(actor=requester, project_id=project.pk, assignment_ids=[*mine[:1], *mine[2:]])
    monkeypatch.setattr(locks, "try_exclusive", lambda *_which: False)  # another run is under way
    with pytest.raises(Busy):
        aggregate(project.pk)
    aggregate_project(project.pk)
    assert not close_project(project.pk)
    assert not AggregationRun.objects.filter(state="failed").exists()
    monkeypatch.undo()
    assert close_project(project.pk)


@pytest.mark.django_db
def test_where_all_was_sent_back_nothing_is_known_any_more(project: Project) -> None:
    (mine,) = answer(make.make_worker(), project, 1)
    aggregate(project.pk)
    one, now = Assignment.objects.select_related("task").get(pk=mine), clock.now()
    with transaction.atomic():
        rework.send_back(one, task=one.task, project=project, price=(0, 0), until=now, now=now)
        one.task.save()
        one.save(update_fields=rework.FIELDS)
    Task.objects.filter(project=project).update(open=False)  # nothing to wait for
    assert due_for_aggregation() == [project.pk]
    aggregate_project(project.pk)
    assert (VoteChange.objects.count(), Consensus.objects.count(), due_for_aggregation()) == (0, 0, [])
    aggregate_project(project.pk)
    assert AggregationRun.objects.count() == 2  # without an answer, or a note, there is none


@pytest.mark.django_db
def test_a_run_reads_by_one_version_of_the_config(
    project: Project, requester: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that is in force once it holds the lock, whatever comes meanwhile."""
    answer(make.make_worker(), project, 1)

    def renamed(*moods: str) -> None:
        """Labels by other names, and a question more."""
        project.refresh_from_db()
        assert project.config is not None
        before = [label if isinstance(label, str) else label["name"] for label in labels(project)]
        new = project.config.config | {"questions": [project.config.config["questions"][0] | {"labels": list(moods)}]}
        mapping = {"mood": dict(zip(before, moods, strict=True))}
        next_config(project, parse(new), requester, clock.now(), mapping=mapping)

    def labels(project: Project) -> list[Any]:
        assert project.config is not None
        found: list[Any] = project.config.config["questions"][0]["labels"]
        return found

    whole, lock = fold.fold, locks.try_exclusive
    names = [label if isinstance(label, str) else label["name"] for label in labels(project)]
    second, third = ([f"{name}{number}" for name in names] for number in (2, 3))

    def locked(*which: Any) -> bool:
        renamed(*second)
        return lock(*which)

    def folded(project_id: int) -> Any:
        renamed(*third)
        return whole(project_id)

    monkeypatch.setattr(locks, "try_exclusive", locked)
    monkeypatch.setattr(fold, "fold", folded)
    aggregate(project.pk)
    monkeypatch.undo()
    row = Consensus.objects.get()
    assert (row.value, row.config.version) == ("good2", 2)
    Consensus.objects.update(question="dropped")  # of a question that the config had until this run began
    aggregate(project.pk)
    row = Consensus.objects.get()
    assert (row.question, row.value, row.config.version) == ("mood", "good3", 3)


@pytest.mark.django_db
def test_only_rows_that_moved_are_written_until_the_project_closes(project: Project) -> None:
    for _each in range(2):
        answer(make.make_worker(), project, 6)
    first = aggregate(project.pk)
    rows = Consensus.objects.filter(project=project)
    assert set(rows.values_list("run_id", flat=True)) == {first.pk if first else 0}
    nudged, moved, unlike, unsure, worth = rows.order_by("pk")[:5]
    before = nudged.posterior
    rows.filter(pk=nudged.pk).update(posterior=F("posterior") - MOVED / 2)
    rows.filter(pk=moved.pk).update(posterior=F("posterior") - MOVED * 2)
    rows.filter(pk=unlike.pk).update(agreement=0.5)
    rows.filter(pk=unsure.pk).update(sure=F("sure") - MOVED * 2)
    rows.filter(pk=worth.pk).update(gain=F("gain") + MOVED * 2)
    second = aggregate(project.pk)
    assert second is not None
    written = {one.pk for one in (moved, unlike, unsure, worth)}
    assert set(rows.filter(run=second).values_list("pk", flat=True)) == written
    Project.objects.filter(pk=project.pk).update(state="closing")
    last = aggregate(project.pk)
    assert last is not None
    assert list(rows.filter(run=last).values_list("pk", flat=True)) == [nudged.pk]
    nudged.refresh_from_db()
    assert nudged.posterior == before


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_commits_after_a_later_one_is_folded_when_it_is_there(
    requester: User, organisation: Organisation
) -> None:
    """Its note has the lower number, and is not yet seen when the other's is folded: it waits for the next run."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(6), redundancy=4)
    early, late = make.make_worker(), make.make_worker()
    answer(early, project, 1)
    aggregate(project.pk)
    held = take.take_next(worker=early, project_id=project.pk)
    written, folded = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            note(project, held.pk)
            written.set()
            assert folded.wait(PATIENCE_S)

    def quick() -> Any:
        assert written.wait(PATIENCE_S)
        answer(late, project, 1)
        run = aggregate(project.pk)
        left = VoteChange.objects.count()
        folded.set()
        return run and run.answers, left

    _slow, (answers, left) = together(slow, quick)
    assert (answers, left) == (2, 0)
    assert VoteChange.objects.count() == 1
    run = aggregate(project.pk)
    assert run is not None
    assert (run.answers, VoteChange.objects.count()) == (3, 0)
    kept_is_what_there_is(project)


def note(project: Project, assignment_id: int) -> None:
    """What a submit writes of it, without the locks that would keep the other from submitting meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO assignments_answer (project_id, assignment_id, attempt, task_id, worker_id, config_id, value,
                   cannot_answer, late, submitted_at, elapsed_ms)
               SELECT project_id, id, attempt, task_id, worker_id, config_id, '{"units": [{"mood": "good"}]}', '',
                   false, now(), 1 FROM assignments_assignment WHERE id = %s""",
            [assignment_id],
        )
        cursor.execute("UPDATE assignments_assignment SET state = 'submitted' WHERE id = %s", [assignment_id])


@pytest.mark.django_db
def test_a_run_after_one_in_a_hundred_more_reads_a_twentieth_at_most(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of answers and assignments, as PostgreSQL counts buffers: heap and indexes, found in memory or read."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(200), redundancy=1)
    crowd = [make.make_worker().pk for _each in range(51)]
    many(project, crowd[:50], tasks=200)
    assert aggregate(project.pk) is not None
    many(project, crowd[50:], tasks=100)
    asked: list[tuple[Any, Any]] = []
    rows = fold._rows

    def noted(*one: Any, **more: Any) -> list[Any]:
        asked.append((one, more))
        return rows(*one, **more)

    monkeypatch.setattr(fold, "_rows", noted)
    run = aggregate(project.pk)
    assert run is not None
    assert run.answers == 10_100
    monkeypatch.undo()
    read = sum(buffers(*one, **more) for one, more in asked if one[0] == fold.ANSWERS)
    assert [one[0] for one, _more in asked] == [fold.TAKE, fold.ANSWERS]
    assert 0 < read <= buffers(fold.EVERY, project.pk) / 20


def many(project: Project, workers: list[int], *, tasks: int) -> None:
    """Answers of these workers to each of the first tasks, with the tallies that a run looks at."""
    known: dict[str, Any] = {"project": project.pk, "workers": workers, "tasks": tasks}
    with connection.cursor() as cursor:
        for statement in MANY:
            cursor.execute(statement, known)
        cursor.execute("ANALYZE assignments_assignment, assignments_answer")


def buffers(statement: str, project_id: int, **more: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", fold._wanted(project_id) | more)
        plan = cursor.fetchone()[0]
    (top,) = json.loads(plan) if isinstance(plan, str) else plan
    return int(top["Plan"]["Shared Hit Blocks"] + top["Plan"]["Shared Read Blocks"])
