"""Who is paid when: after the delay, at once, by consensus, by hand, or not at all in a team that works for nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crowd.assignments.models import Assignment
from crowd.assignments.services import accept, slots
from crowd.consensus.models import Consensus, Proposal
from crowd.consensus.services import settle as settling
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.decide import decide
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.consensus.settling.crowd import answer, crowd
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db


def test_when_the_delay_ends_everybody_undecided_is_paid_complete_or_not(project: Project, worker: Worker) -> None:
    answer(worker, project, "good")
    assert settle(project.id) == 0
    clock.advance(timedelta(days=7))
    assert settle(project.id) == 1
    assert settle(project.id) == 0
    all_is_well()


def test_pay_at_once_pays_when_the_task_is_complete(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=2, pay_policy="at_once")
    first, second = crowd(2)
    answer(first, project, "good")
    assert settle(project.id) == 0
    answer(second, project, "bad")
    assert settle(project.id) == 2
    all_is_well()


def test_answers_are_settled_a_chunk_at_a_time_by_statements_of_one_length(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=3, pay_policy="at_once")
    given = [one for worker in crowd(3) for one in answer(worker, project, *["good"] * 3)]
    monkeypatch.setattr(settling, "CHUNK", 2)
    with CaptureQueriesContext(connection) as asked:
        chunks = list(settling._by_task(settling.complete(project)))
    assert sorted(id for chunk in chunks for id in chunk) == sorted(one.pk for one in given)
    assert [len(chunk) for chunk in chunks] == [2, 2, 2, 2, 1]
    assert len({one["sql"].count(" AND ") for one in asked.captured_queries[1:]}) == 1
    assert settle(project.id) == 9


def test_what_is_due_is_looked_for_once_for_many_chunks_and_looked_at_again_in_each(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=3)
    for worker in crowd(3):
        answer(worker, project, *["good"] * 3)
    clock.advance(timedelta(days=7))
    looked: list[list[int]] = []

    def look(project_id: int) -> list[int]:
        """Before its turn comes, the last one is sent back and answered anew: it has another week."""
        looked.append(first(project_id))
        Assignment.objects.filter(pk=looked[-1][-1]).update(due_at=clock.now() + timedelta(days=7))
        return looked[-1]

    first = settling._overdue_first
    monkeypatch.setattr(settling, "CHUNK", 2)
    monkeypatch.setattr(settling, "AT_ONCE", 6)
    monkeypatch.setattr(settling, "_overdue_first", look)
    assert settle(project.id) == 7
    assert [len(ids) for ids in looked] == [6, 3]
    monkeypatch.setattr(settling, "_overdue_first", first)
    assert settle(project.id) == 0
    clock.advance(timedelta(days=7))
    assert settle(project.id) == 2
    all_is_well()


def test_nobody_is_judged_by_a_consensus_of_answers_that_are_gone(requester: User, organisation: Organisation) -> None:
    terms: dict[str, Any] = {"pay_policy": "consensus", "pay_threshold": Decimal("0.5")}
    project = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1, **terms)
    first, second = crowd(2)
    gone = answer(first, project, "good", "good")
    aggregate(project.id)
    now, tasks = clock.now(), [one.task_id for one in gone]
    decide(project, question="mood", keys=[(tasks[1], 0)], label="bad", now=now)
    Assignment.objects.filter(project=project).update(counts=False)
    slots.stop_many([(task, 1, 0) for task in tasks], ruled_at=now)
    clock.advance(timedelta(minutes=1))
    (again,) = answer(second, project, "bad")
    assert settle(project.id) == 1  # what was said before is paid and counts against nobody
    assert not Proposal.objects.exists()  # one answer again, but not the one that the consensus knows
    again.refresh_from_db()
    assert again.state == "submitted"
    aggregate(project.id)
    assert settle(project.id) == 1

    Assignment.objects.filter(pk=again.pk).update(counts=False)
    slots.stop_many([(again.task_id, 1, 0)], ruled_at=clock.now())
    aggregate(project.id)
    assert list(Consensus.objects.values_list("task_id", "value")) == [(tasks[1], "bad")]


def test_in_a_team_that_works_for_nothing_no_money_moves(requester: User, organisation: Organisation) -> None:
    from crowd.ledger.models import Transfer
    from crowd.projects.models import TeamMember

    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(1),
        redundancy=2,
        reward_micros=0,
        workforce="team",
        pay_policy="at_once",
    )
    for worker in crowd(2):
        with pytest.raises(NotFound):
            answer(worker, project, "good")
        TeamMember.objects.create(project=project, worker=worker)
        answer(worker, project, "good")
    aggregate(project.id)
    assert settle(project.id) == 2
    assert not Transfer.objects.exists()
    assert Consensus.objects.get().value == "good"
    all_is_well()


def test_accepting_by_hand_needs_no_delay(project: Project, requester: User, worker: Worker) -> None:
    (given,) = answer(worker, project, "good")
    accept.accept(actor=requester, project_id=project.id, assignment_ids=[given.id])
    all_is_well()
