"""Posting a project from recorded answers and giving exactly these answers, through the same services as everybody.

Everything is paid in test money (XTS), so that a replay on a live site moves nobody's standing and no real money.
Jobs run here, in the command; the delay before acceptance is 0. A worker's answers come one after the other, in the
order of the file; several workers answer at once, as people do, where more than one process is asked for.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from random import Random
from typing import Any
from uuid import uuid4

from django.db import connections
from django.db.models import F

from crowd.assignments.errors import TaskTaken, WorkerStopped
from crowd.assignments.services import recount, take
from crowd.assignments.services.submit import submit
from crowd.consensus.errors import Busy
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.buy import buy
from crowd.consensus.services.close import close_project
from crowd.consensus.services.settle import settle
from crowd.kernel import money
from crowd.ledger.services import deposits
from crowd.operations.database import without_waiting_for_the_disk
from crowd.operations.replay.folder import Recorded
from crowd.projects import pricing, queries
from crowd.projects.models import Project, Task
from crowd.projects.services import config, draft, items, publish
from crowd.users.models import Organisation, User
from crowd.users.services import organisations, terms
from workers.models import Worker
from workers.services.profile import become_worker

Progress = Callable[[int, int], None]
ROWS = 1000
QUESTION = "label"
START = 2  # answers that each task begins with, where more are bought as needed
WORTH_FORKING = 200


@dataclass(frozen=True, kw_only=True)
class Settings:
    gold_share: Decimal = Decimal("0.1")
    minimum_accuracy: Decimal | None = None
    reward_micros: int = 50_000
    seed: int = 0
    method: str = "dawid-skene"
    processes: int = 1
    adaptive: bool = False  # ask only as often as needed: the answers of a task come in the order of the file


@dataclass
class Replay:
    """What came of it. `gold` are the tasks made gold; `task_ids` maps a recorded task to ours."""

    project: Project
    recorded: Recorded
    settings: Settings
    gold: frozenset[str]
    task_ids: dict[str, int]
    refused_duplicates: int = 0
    refused_paused: int = 0
    workers: dict[str, Worker] = field(default_factory=dict)


def replay(recorded: Recorded, settings: Settings, progress: Progress = lambda done, total: None) -> Replay:
    """Post, publish, answer, aggregate, settle and close. `progress` hears answers done and in all."""
    random = Random(settings.seed)  # noqa: S311 (repeatable is what is wanted)
    gold = choose_gold(recorded, settings.gold_share, random)
    run = _posted(recorded, settings, gold, random)
    run.workers = {name: _worker(run, place) for place, name in enumerate(recorded.workers)}
    done = 0
    for sittings in _rounds(run) if settings.adaptive else [_sittings(run, recorded.answers)]:
        for part in _answered(run, sittings):
            run.refused_duplicates += part.duplicates
            run.refused_paused += part.paused
            done += part.answers
            progress(done, len(recorded.answers))
    _finish(run)
    return run


def choose_gold(recorded: Recorded, share: Decimal, random: Random) -> frozenset[str]:
    """A seeded share of the answered tasks whose truth is known, rounded to whole tasks."""
    known = sorted(task for task in recorded.gold if task in recorded.workers_of)
    return frozenset(random.sample(known, round(len(known) * share)))


def _posted(recorded: Recorded, settings: Settings, gold: frozenset[str], random: Random) -> Replay:
    requester = _user(recorded.name, "requester")
    organisation = organisations.create_organisation(actor=requester, name=f"Replay of {recorded.name}")
    project = _draft(requester, organisation, recorded, settings)
    rows = [_row(recorded, task, gold, settings) for task in recorded.workers_of]
    for start in range(0, len(rows), ROWS):
        items.add(
            actor=requester,
            project_id=project.pk,
            rows=rows[start : start + ROWS],
            options={"key_column": "key", "redundancy_column": "redundancy"},
            rng=random,
        )
    gold_answers = sum(len(recorded.workers_of[task]) for task in gold)
    project.refresh_from_db()
    _fund(requester, organisation, project, gold_answers)
    project = publish.publish(actor=requester, project_id=project.pk, gold_answers=gold_answers, checked=True)
    ids = dict(Task.objects.filter(project=project).values_list("item__key", "id"))
    return Replay(project, recorded, settings, gold, {str(key): id for key, id in ids.items()})


def _draft(requester: User, organisation: Organisation, recorded: Recorded, settings: Settings) -> Project:
    project = draft.create(
        actor=requester,
        organisation=organisation,
        title=f"Replay of {recorded.name}",
        currency=money.TEST_CURRENCY,
        reward_micros=settings.reward_micros,
        auto_accept_s=0,
        minimum_accuracy=settings.minimum_accuracy,
        aggregation_method=settings.method,
        **_as_needed(recorded, settings),
    )
    question = {"id": QUESTION, "kind": "choice", "text": "Which label?", "labels": recorded.labels}
    label_config = {"data": {"kind": "row"}, "questions": [question]}
    config.set_config(actor=requester, project_id=project.pk, config=label_config)
    return project


def _as_needed(recorded: Recorded, settings: Settings) -> dict[str, Any]:
    """All recorded answers may be bought, if it comes to that; target and least gain are as in every project."""
    if not settings.adaptive:
        return {}
    price = settings.reward_micros + pricing.fee(settings.reward_micros, queries.fee_rate())
    return {
        "redundancy": START,
        "most_answers": max(START + 1, *(len(workers) for workers in recorded.workers_of.values())),
        "extra_budget_micros": price * len(recorded.answers),
    }


def _row(recorded: Recorded, task: str, gold: frozenset[str], settings: Settings) -> dict[str, str | int]:
    """`task` is what a worker sees; the key and the redundancy are the requester's own business."""
    there = len(recorded.workers_of[task])
    wanted = min(START, there) if settings.adaptive else there
    row: dict[str, str | int] = {"key": task, "task": task, "redundancy": wanted}
    return row | {"gold": recorded.gold[task]} if task in gold else row


def _fund(requester: User, organisation: Organisation, project: Project, gold_answers: int) -> None:
    total = queries.price(project, gold_answers=gold_answers).total_micros
    deposits.add_test_money(actor=requester, organisation_id=organisation.pk, amount_micros=total)


def _worker(run: Replay, place: int) -> Worker:
    user = _user(run.recorded.name, f"worker{place}")
    terms.accept_current(user=user, adult=True)
    return become_worker(user=user, country="DE")


def _user(name: str, role: str) -> User:
    """A login nobody can sign in with."""
    return User.objects.create_user(f"{role}.{name}.{uuid4().hex[:12]}@replay.invalid")


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """What one worker was recorded to have said: (task id, label) in the order of the file."""

    worker: Worker
    project_id: int
    answers: list[tuple[int, str]]
    seed: str


@dataclass(kw_only=True)
class Sat:
    answers: int
    duplicates: int = 0
    paused: int = 0


def _answered(run: Replay, sittings: Sequence[Sitting]) -> Iterator[Sat]:
    """These sittings, in one process or in several (forked, so that they use the database that this one uses)."""
    if run.settings.processes == 1 or sum(len(sitting.answers) for sitting in sittings) < WORTH_FORKING:
        yield from map(_sit, sittings)
        return
    connections.close_all()  # a connection must not be shared with a fork
    fork = get_context("fork")
    with ProcessPoolExecutor(run.settings.processes, fork, initializer=without_waiting_for_the_disk) as pool:
        futures = [pool.submit(_sit, sitting) for sitting in sittings]
        yield from (future.result() for future in as_completed(futures))
    without_waiting_for_the_disk()


def _rounds(run: Replay) -> Iterator[list[Sitting]]:
    """What each open task still wants, of its recorded answers in their order; then merge, and buy what is needed."""
    coming = _coming(run.recorded)
    while wanted := _wanted(run, coming):
        yield _sittings(run, wanted)
        _merge(run)
        buy(run.project.pk)


def _coming(recorded: Recorded) -> dict[str, deque[tuple[str, str, str]]]:
    """The answers of each task that are still to come; a worker's second one never does."""
    first: dict[tuple[str, str], tuple[str, str, str]] = {}
    for answer in recorded.answers:
        first.setdefault(answer[:2], answer)
    coming: dict[str, deque[tuple[str, str, str]]] = defaultdict(deque)
    for answer in first.values():
        coming[answer[0]].append(answer)
    return coming


def _wanted(run: Replay, coming: dict[str, deque[tuple[str, str, str]]]) -> list[tuple[str, str, str]]:
    names = {id: task for task, id in run.task_ids.items()}
    some: list[tuple[str, str, str]] = []
    for id, free in Task.objects.filter(project=run.project, open=True).values_list("id", F("needed") - F("filled")):
        left = coming[names[id]]
        some += [left.popleft() for _ in range(min(free, len(left)))]
    return some


def _sittings(run: Replay, answers: Iterable[tuple[str, str, str]]) -> list[Sitting]:
    said: dict[str, list[tuple[int, str]]] = {name: [] for name in run.workers}
    for task, worker, label in answers:
        said[worker].append((run.task_ids[task], label))
    sitting = partial(Sitting, project_id=run.project.pk)
    return [
        sitting(worker=run.workers[name], answers=answers, seed=f"{run.settings.seed} {place}")
        for place, (name, answers) in enumerate(said.items())
        if answers
    ]


def _sit(sitting: Sitting) -> Sat:
    sat, random = Sat(answers=len(sitting.answers)), Random(sitting.seed)  # noqa: S311 (repeatable is what is wanted)
    for task_id, label in sitting.answers:
        try:
            held = take.take_named(
                worker=sitting.worker,
                project_id=sitting.project_id,
                task_id=task_id,
                privileged=True,
                random=random,
            )
        except TaskTaken:  # he answered this task before: a second answer is refused, as for everybody
            sat.duplicates += 1
        except WorkerStopped:
            sat.paused += 1
        else:
            submit(
                worker=sitting.worker, assignment_id=held.id, value={QUESTION: label}, take_next=False, random=random
            )
    return sat


def _merge(run: Replay) -> None:
    with suppress(Busy):  # a job of the site is at it
        aggregate(run.project.pk)


def _finish(run: Replay) -> None:
    for participation in recount.due(limit=len(run.workers)):
        recount.recount(participation)
    _merge(run)
    settle(run.project.pk)
    publish.start_closing(actor=run.project.created_by, project_id=run.project.pk)
    if not close_project(run.project.pk):
        raise RuntimeError("the replayed project did not close")
