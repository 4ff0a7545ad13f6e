"""How often the hot path asks PostgreSQL, with statements which are planned already, and how much they read."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.marketplace.pick import MOST, buffers
from crowd.assignments import queries, quiz
from crowd.assignments.configs import parsed
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import claim, take
from crowd.assignments.services.submit import submit
from crowd.consensus.services.settle import settle
from crowd.kernel.newest import newest_of
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from tests.make_project import make_open, texts
from tests.statements import on_the_wire
from workers.models import Worker

pytestmark = pytest.mark.django_db
GOOD = {"mood": "good"}


def test_submit_and_next_is_three_statements_that_were_prepared(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """The first task of a process may read more, and prepares; from then on the statements are only bound."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(4), redundancy=1)
    held = take.take_next(worker=worker, project_id=project.id)
    parsed(held.config_id)
    done = submit(worker=worker, assignment_id=held.id, value=GOOD)
    assert done.next is not None

    with on_the_wire() as statements:
        done = submit(worker=worker, assignment_id=done.next.id, value=GOOD)

    assert done.next is not None
    assert len(statements) == 3, statements
    assert all(one.startswith("_pg3_") for one in statements), statements


def answer(worker: Worker, project: Project, answers: int) -> None:
    held = take.take_next(worker=worker, project_id=project.id)
    for _answer in range(answers):
        done = submit(worker=worker, assignment_id=held.id, value=GOOD)
        assert done.next is not None
        held = done.next


def test_a_pick_reads_no_more_after_many_own_answers_and_under_an_old_snapshot(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """Within the transaction of this test nothing can be cleaned up that an answer leaves behind: the snapshot."""
    with connection.cursor() as cursor:  # what earlier tests left in the indexes is not to be counted
        cursor.execute("REINDEX TABLE projects_task")
        cursor.execute("REINDEX TABLE assignments_assignment")
    project = make_open(actor=requester, organisation=organisation, rows=texts(400, gold=100), redundancy=1)
    answer(worker, project, 20)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE assignments_assignment")  # as autovacuum does soon
    at_first = buffers(claim.FROM_RING, Participation.objects.get())
    answer(worker, project, 150)
    inside = Participation.objects.get()
    assert inside.submitted_count == 170
    assert buffers(claim.FROM_RING, inside) <= MOST * at_first

    paid: dict[str, Any] = {"price": 1, "owed": 1, "reserve": 0, "live": "live", "start": 2**30}
    assert buffers(claim.FROM_GOLD, inside, **paid) <= MOST * at_first


def test_a_pick_in_a_project_that_the_tables_statistics_do_not_know_yet_reads_no_more(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """Until autovacuum has seen it, of a large table seldom, the planner takes a new project to have no answers."""
    known, new = (make_open(actor=requester, organisation=organisation, rows=texts(400), redundancy=1) for _ in "12")
    answer(worker, known, 150)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE assignments_assignment")
    answer(worker, new, 5)
    at_first = buffers(claim.FROM_RING, Participation.objects.get(project=new))
    answer(worker, new, 300)
    assert buffers(claim.FROM_RING, Participation.objects.get(project=new)) <= MOST * at_first


def test_a_quiz_is_found_without_the_gold_that_was_given_since(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    rows, his = texts(100, gold=50), {"workers": [worker.pk], "length": 2}
    project = make_open(
        actor=requester, organisation=organisation, rows=rows, quiz_length=2, quiz_cap=1, gold_share="0.5"
    )
    answer(worker, project, 2)
    at_first = buffers(quiz.FIRST, Participation.objects.get(), **his)
    answer(worker, project, 80)
    inside = Participation.objects.get()
    assert inside.gold_right > 30
    assert buffers(quiz.FIRST, inside, **his) <= MOST * at_first


def read_by(deed: Callable[[], object]) -> int:
    """Buffers of what this selects, each statement asked once more with its plan."""
    with CaptureQueriesContext(connection) as asked:
        deed()
    selects = [one["sql"] for one in asked.captured_queries if one["sql"].startswith("SELECT")]
    pages = 0
    with connection.cursor() as cursor:
        for one in selects:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {one}")
            plan = cursor.fetchone()[0][0]["Plan"]
            pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages


def test_settling_and_a_repeated_submit_read_their_own_rows_where_the_statistics_do_not_know_the_project(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """Once every fifteen seconds each undecided answer is looked at: not beside all others of its project."""
    terms: dict[str, Any] = {"actor": requester, "organisation": organisation, "redundancy": 2, "pay_policy": "at_once"}
    known, new = (make_open(**terms, rows=texts(400)) for _ in "12")
    answer(worker, known, 150)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE assignments_assignment, assignments_answer, projects_task")
    answer(worker, new, 20)
    at_first, again = read_by(partial(settle, new.id)), read_by(partial(say_again, worker, new))
    answer(worker, new, 280)
    assert read_by(partial(say_again, worker, new)) <= MOST * again
    assert read_by(partial(settle, new.id)) <= MOST * at_first * 300 / 20


def say_again(worker: Worker, project: Project) -> None:
    newest = Assignment.objects.filter(project=project, state="submitted").latest("id")
    assert submit(worker=worker, assignment_id=newest.id, value=GOOD, attempt=1, take_next=False).again


def multiply(project: Project, times: int) -> None:
    """Each of its tasks so many times more, elsewhere on the ring."""
    columns = [one.column for one in Task._meta.concrete_fields if one.column not in ("id", "ring")]
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO projects_task (ring, {names}) SELECT (random() * 2147483647)::int, {names}"
            " FROM projects_task, generate_series(1, %s) WHERE project_id = %s AND open",
            [times, project.pk],
        )


def answer_all(*projects: Project) -> None:
    """Each of their tasks as the only answered one of its project is, without the service; mixed, as they come."""
    columns = [one.column for one in Assignment._meta.concrete_fields if one.column not in ("id", "task_id")]
    names = ", ".join(f'"{name}"' for name in columns)
    theirs = ", ".join(f'a."{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO assignments_assignment (task_id, {names}) SELECT t.id, {theirs}"
            " FROM projects_task t JOIN assignments_assignment a ON a.project_id = t.project_id"
            " WHERE t.project_id = ANY(%s) AND a.state = 'submitted' AND t.open ORDER BY t.ring",
            [[one.pk for one in projects]],
        )


def test_the_newest_answers_of_an_old_project_are_found_without_those_of_newer_ones(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """It has many of all answers, so that some would soon be met wherever one looked; but all are old."""
    old, *newer = (make_open(actor=requester, organisation=organisation, rows=texts(4), redundancy=1) for _ in "1234")
    for some in ([old], newer):
        for project in some:
            held = take.take_next(worker=worker, project_id=project.id)
            submit(worker=worker, assignment_id=held.id, value=GOOD, take_next=False)
            multiply(project, 1_500)
        answer_all(*some)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE assignments_assignment")
    listed = newest_of(Assignment.objects.filter(state="submitted"), old.pk)[:30]
    plan = json.loads(listed.explain(format="json", analyze=True, buffers=True))[0]["Plan"]
    assert plan["Actual Rows"] == 30
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 20


def test_answers_are_looked_up_in_their_project(requester: User, organisation: Organisation, worker: Worker) -> None:
    """Their index begins with it: without it, it is searched once for each project that there is."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    held = take.take_next(worker=worker, project_id=project.id)
    submit(worker=worker, assignment_id=held.id, value=GOOD, take_next=False)
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        assert len(queries.answers_of([held])) == 1
        cursor.execute("SET LOCAL enable_seqscan = off")  # as for a table of more than a page
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = [line for (line,) in cursor.fetchall()]
    place = next(number for number, line in enumerate(plan) if "on assignments_answer" in line)
    assert "project_id" in plan[place + 1], plan


def test_a_pick_among_ten_times_as_many_tasks_reads_no_more(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """`make bench` asserts the same of a million beside ten thousand."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(200), redundancy=1)
    answer(worker, project, 5)
    multiply(project, 9)
    at_first = buffers(claim.FROM_RING, Participation.objects.get())
    multiply(project, 9)
    assert Task.objects.filter(project=project).count() > 19_000
    assert buffers(claim.FROM_RING, Participation.objects.get()) <= MOST * at_first
