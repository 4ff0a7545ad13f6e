"""The next task reserved ahead, so that its media can load: opened, given up, and made way with."""

from datetime import timedelta
from random import Random
from threading import Event
from typing import Any

import pytest

from crowd.assignments import queries
from crowd.assignments.configs import parsed
from crowd.assignments.errors import GuidelinesUnread, NotHeld, NoWork, ProjectNotOpen
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import ahead, give_back, pause, take
from crowd.assignments.services.submit import submit
from crowd.gold.services import keys
from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.projects.models import GuidelinesVersion, Project, Task
from crowd.projects.services import config, publish
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts
from tests.races import PATIENCE_S, meeting, together
from tests.statements import on_the_wire
from workers.models import Worker

GOOD = {"mood": "good"}


@pytest.fixture(autouse=True)
def texts_have_to_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """As images would; their bytes are of no matter here."""
    monkeypatch.setattr(take, "MEDIA_KINDS", ("text",))


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=1, time_limit_s=600)


def current_and_ahead(worker: Worker, project: Project) -> tuple[Assignment, Assignment]:
    current = take.take_next(worker=worker, project_id=project.pk)
    reserved = take.take_ahead(worker=worker, assignment_id=current.pk)
    assert reserved is not None
    return current, reserved


@pytest.mark.django_db
def test_the_submit_opens_what_was_reserved_and_its_clock_starts_then(
    project: Project, requester: User, worker: Worker
) -> None:
    current, reserved = current_and_ahead(worker, project)
    assert reserved.opened_at is None
    assert reserved.deadline == current.deadline + timedelta(minutes=1)
    again = take.take_ahead(worker=worker, assignment_id=current.pk)
    assert again is not None
    assert again.pk == reserved.pk
    all_is_well()

    clock.advance(timedelta(seconds=300))
    opened = submit(worker=worker, assignment_id=current.pk, value=GOOD).next

    assert opened is not None
    assert opened.pk == reserved.pk
    assert opened.deadline == clock.now() + timedelta(seconds=600)
    assert opened.attempt == 1
    assert submit(worker=worker, assignment_id=opened.pk, value=GOOD).answer.elapsed_ms < 60_000
    all_is_well()


@pytest.mark.django_db
def test_what_was_reserved_and_never_shown_comes_as_gold_when_it_is_gold_by_then(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    rows = texts(5, gold=1)
    project = make_open(actor=requester, organisation=organisation, rows=rows, gold_share="0.9", redundancy=1)
    give_back.return_task(worker=worker, assignment_id=take.take_next(worker=worker, project_id=project.pk).pk)
    Participation.objects.update(next_gold_at=99)
    _current, reserved = current_and_ahead(worker, project)
    clock.advance(timedelta(days=1))
    assert give_back.expire_due() == 2
    (before,) = Task.objects.filter(project=project, is_gold=True)
    keys.make(actor=requester, project_id=project.pk, task_id=reserved.task_id, key="good")
    keys.retire(actor=requester, project_id=project.pk, task_id=before.pk, why="It is known.")
    Participation.objects.update(next_gold_at=0)
    held = take.take_next(worker=worker, project_id=project.pk)
    assert (held.pk, held.is_gold, held.counts) == (reserved.pk, True, True)
    assert submit(worker=worker, assignment_id=held.pk, value=GOOD).assignment.gold_passed
    all_is_well()


@pytest.mark.django_db
def test_new_guidelines_are_confirmed_before_the_next_task_and_what_was_reserved_makes_way(
    project: Project, requester: User, worker: Worker, other_worker: Worker
) -> None:
    early = make.make_worker()
    give_back.return_task(
        worker=early,
        assignment_id=take.take_next(worker=early, project_id=project.pk, guidelines_read=1).pk,
    )
    current, reserved = current_and_ahead(worker, project)
    config.set_guidelines(actor=requester, project_id=project.pk, text="Decide.\nSlowly.")
    with pytest.raises(GuidelinesUnread):  # what he said that he had read was not there yet
        take.take_next(worker=early, project_id=project.pk)
    done = submit(worker=worker, assignment_id=current.pk, value=GOOD)  # what he held he may finish
    assert done.counted
    assert isinstance(done.ended, GuidelinesUnread)
    reserved.refresh_from_db()
    assert reserved.state == "expired"

    with pytest.raises(GuidelinesUnread):  # somebody new
        take.take_next(worker=other_worker, project_id=project.pk)
    assert not Participation.objects.filter(worker=other_worker).exists()
    taken = take.take_next(worker=worker, project_id=project.pk, guidelines_read=1)
    assert taken.guidelines == project_guidelines(project)
    config.set_guidelines(actor=requester, project_id=project.pk, text="Decide.\nQuickly.")
    submit(worker=worker, assignment_id=taken.pk, value=GOOD)
    with pytest.raises(GuidelinesUnread) as refused:  # he confirms what he has not seen
        take.take_next(worker=worker, project_id=project.pk, guidelines_read=1)
    assert {name: refused.value.data[name] for name in ("version", "read", "changes")} == {
        "version": 2,
        "read": 1,
        "changes": [(" ", "Decide."), ("-", "Slowly."), ("+", "Quickly.")],
    }
    last = take.take_next(worker=worker, project_id=project.pk, guidelines_read=2)
    assert last.guidelines == project_guidelines(project)
    all_is_well()


def project_guidelines(project: Project) -> GuidelinesVersion | None:
    project.refresh_from_db()
    return project.guidelines


@pytest.mark.django_db
def test_what_nobody_has_seen_is_in_no_list_and_cannot_be_answered_or_returned(
    project: Project, worker: Worker
) -> None:
    current, reserved = current_and_ahead(worker, project)

    assert [one.pk for one in queries.of_worker(worker)] == [current.pk]
    assert take.take_next(worker=worker, project_id=project.pk).pk == current.pk
    with pytest.raises(NotHeld):
        submit(worker=worker, assignment_id=reserved.pk, value=GOOD)
    with pytest.raises(NotFound):
        give_back.return_task(worker=worker, assignment_id=reserved.pk)
    assert take.take_ahead(worker=worker, assignment_id=reserved.pk) is not None  # the same one, and no third


@pytest.mark.django_db
def test_it_makes_way_for_who_would_get_nothing_and_may_be_taken_again(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1)
    current, reserved = current_and_ahead(worker, project)

    his = take.take_next(worker=other_worker, project_id=project.pk)
    assert his.task_id == reserved.task_id
    all_is_well()
    give_back.return_task(worker=other_worker, assignment_id=his.pk)

    opened = submit(worker=worker, assignment_id=current.pk, value=GOOD).next
    assert opened is not None
    assert (opened.pk, opened.attempt) == (reserved.pk, 1)  # never seen: no further attempt
    with pytest.raises(NoWork):  # what is open makes way for nobody
        take.take_next(worker=other_worker, project_id=project.pk)
    all_is_well()


@pytest.mark.django_db
def test_unopened_it_lapses_a_minute_after_the_current_one(project: Project, worker: Worker) -> None:
    current, reserved = current_and_ahead(worker, project)
    clock.advance(timedelta(seconds=630))

    assert give_back.expire_due() == 1  # the current one
    opened = take.take_next(worker=worker, project_id=project.pk)
    assert opened.pk == reserved.pk

    reserved_next = take.take_ahead(worker=worker, assignment_id=opened.pk)
    assert reserved_next is not None
    clock.advance(timedelta(seconds=661))
    assert give_back.expire_due() == 2
    assert queries.of_worker(worker).filter(state="expired").count() == 2  # of three that lapsed one was never seen
    assert take.take_next(worker=worker, project_id=project.pk).pk == reserved_next.pk
    assert current.pk != opened.pk
    all_is_well()


@pytest.mark.django_db
@pytest.mark.parametrize("stop", ["project", "worker"])
def test_who_may_not_go_on_gives_it_up_at_once(project: Project, requester: User, worker: Worker, stop: str) -> None:
    current, reserved = current_and_ahead(worker, project)
    if stop == "project":
        publish.start_closing(actor=requester, project_id=project.pk)
    else:
        pause.pause(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="Let us talk first.")

    done = submit(worker=worker, assignment_id=current.pk, value=GOOD)

    assert done.next is None
    assert isinstance(done.ended, ProjectNotOpen) or stop == "worker"
    reserved.refresh_from_db()
    assert (reserved.state, reserved.opened_at) == ("expired", None)
    all_is_well()


@pytest.mark.django_db
def test_it_counts_in_the_limit_of_tasks_a_person_once(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(4), max_tasks_per_worker=2)
    current, reserved = current_and_ahead(worker, project)
    opened = submit(worker=worker, assignment_id=current.pk, value=GOOD).next
    assert opened is not None
    assert opened.pk == reserved.pk
    assert take.take_ahead(worker=worker, assignment_id=opened.pk) is None
    assert submit(worker=worker, assignment_id=opened.pk, value=GOOD).next is None
    all_is_well()


@pytest.mark.django_db
def test_gold_keeps_its_share_and_whatever_comes_next_is_reserved(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """Or the worker would know gold by its absence."""
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(60, gold=20), redundancy=1, gold_share="0.25"
    )
    random, gold = Random(3), 0
    held: Assignment | None = take.take_next(worker=worker, project_id=project.pk, random=random)
    for _number in range(40):
        assert held is not None
        reserved = take.take_ahead(worker=worker, assignment_id=held.pk, random=random)
        assert reserved is not None
        gold += int(held.is_gold)
        held = submit(worker=worker, assignment_id=held.pk, value=GOOD, random=random).next
        assert held is not None
        assert held.pk == reserved.pk
    assert 5 <= gold <= 15
    all_is_well()


@pytest.mark.django_db
def test_submit_and_opening_what_was_reserved_is_four_statements_too(project: Project, worker: Worker) -> None:
    current, _reserved = current_and_ahead(worker, project)
    parsed(current.config_id)
    with on_the_wire() as statements:
        done = submit(worker=worker, assignment_id=current.pk, value=GOOD)
    assert done.next is not None
    assert len(statements) == 4, statements


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
def test_who_opens_it_keeps_it(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker,
    monkeypatch: pytest.MonkeyPatch, locked: bool,
) -> None:  # fmt: skip
    """Opened by its worker and wanted by another at the same moment: without the lock it is taken out of his hands."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1)
    current, reserved = current_and_ahead(worker, project)
    if not locked:
        monkeypatch.setattr(ahead, "YIELDING", ahead.YIELDING.replace("FOR NO KEY UPDATE OF p SKIP LOCKED", ""))
    both, open_, expire_locked = meeting(lambda: None), ahead.open_, give_back.expire_locked
    is_open = Event()

    def opened_by_now(*args: Any, **kwargs: Any) -> Any:
        found = open_(*args, **kwargs)
        is_open.set()
        both()
        return found

    def expire_afterwards(*args: Any, **kwargs: Any) -> None:
        both()
        expire_locked(*args, **kwargs)

    def take_meanwhile() -> Assignment:
        is_open.wait(PATIENCE_S)
        return take.take_next(worker=other_worker, project_id=project.pk)

    monkeypatch.setattr(ahead, "open_", opened_by_now)
    monkeypatch.setattr(give_back, "expire_locked", expire_afterwards)
    done, his = together(
        lambda: submit(worker=worker, assignment_id=current.pk, value=GOOD),
        take_meanwhile,
    )

    reserved.refresh_from_db()
    assert done.next.pk == reserved.pk
    assert reserved.state == ("active" if locked else "expired")
    assert isinstance(his, NoWork) is locked
