"""Posting a project, and a crowd that works through it: in rounds, so that nobody is much ahead of the others.

Everything is paid in test money (XTS), so that a simulation on a live site moves nobody's standing and no real money.
Jobs run here, in the command, after each round.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from uuid import uuid4

from crowd.assignments.errors import NoWork, QuizFull, WorkerStopped
from crowd.assignments.services import recount, take
from crowd.assignments.services.submit import submit
from crowd.consensus.errors import Busy
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.close import close_project
from crowd.consensus.services.settle import settle
from crowd.gold.services import watch
from crowd.kernel import money
from crowd.ledger.services import deposits
from crowd.operations.simulate.crowd import Kind, Person, World, says
from crowd.projects import queries
from crowd.projects.models import Project, Task
from crowd.projects.services import config, draft, items, publish
from crowd.users.models import User
from crowd.users.services import organisations, terms
from workers.models import Worker
from workers.services.profile import become_worker

Progress = Callable[[int, int], None]
QUESTION = "label"
STOPPED = (NoWork, QuizFull, WorkerStopped)
ROWS = 1000
EXTRA_MONEY = 2  # times the price, for slots that pauses reopen


@dataclass(frozen=True, kw_only=True)
class Settings:
    labels: int = 4
    items: int = 800
    gold: int = 80
    redundancy: int = 3
    counts: dict[Kind, int] = field(default_factory=dict)
    quiz: int = 8
    gold_share: Decimal = Decimal("0.15")
    minimum: Decimal = Decimal("0.7")
    per_worker: int | None = None
    round: int = 5  # answers of each worker between two runs of the jobs
    reward_micros: int = 50_000
    seed: int = 0


@dataclass
class Simulation:
    """What came of it: `done` answers of each worker, `paused_after` how many he was paused."""

    project: Project
    world: World
    people: Sequence[tuple[Person, Worker]]
    numbers: dict[int, int]  # task: number of its item in the world
    done: dict[int, int] = field(default_factory=dict)
    paused_after: dict[int, int] = field(default_factory=dict)


def world_of(settings: Settings) -> World:
    labels = [f"label {place + 1}" for place in range(settings.labels)]
    dice = Random(f"{settings.seed}:truth")  # noqa: S311 (a simulation)
    return World(labels, [dice.choice(labels) for _item in range(settings.items + settings.gold)], settings.seed)


def simulate(settings: Settings, crowd: Sequence[Person], progress: Progress = lambda done, total: None) -> Simulation:
    """Post, publish, work until nobody can go on, aggregate, settle and close."""
    random = Random(settings.seed)  # noqa: S311 (repeatable is what is wanted)
    run = _posted(settings, crowd, random)
    working = list(run.people)
    expected = round(
        settings.items * settings.redundancy * (1 + float(settings.gold_share)) + len(crowd) * settings.quiz
    )
    while working:
        working = [pair for pair in working if _turn(run, *pair, settings, random)]
        _jobs(run)
        given = sum(run.done.values())
        progress(given, max(expected, given + 1))
    progress(1, 1)
    publish.start_closing(actor=run.project.created_by, project_id=run.project.pk)
    if not close_project(run.project.pk):
        raise RuntimeError("the simulated project did not close")
    run.project.refresh_from_db()
    return run


def _posted(settings: Settings, crowd: Sequence[Person], random: Random) -> Simulation:
    world, requester = world_of(settings), _user("requester")
    organisation = organisations.create_organisation(actor=requester, name="Simulation")
    project = draft.create(
        actor=requester,
        organisation=organisation,
        title="Simulation",
        currency=money.TEST_CURRENCY,
        reward_micros=settings.reward_micros,
        auto_accept_s=0,
        redundancy=settings.redundancy,
        gold_share=settings.gold_share,
        quiz_length=settings.quiz,
        quiz_cap=len(crowd) if settings.quiz else 0,
        minimum_accuracy=settings.minimum,
        max_tasks_per_worker=settings.per_worker,
        aggregate_every=1,
    )
    question = {"id": QUESTION, "kind": "choice", "text": "Which label?", "labels": list(world.labels)}
    config.set_config(actor=requester, project_id=project.pk, config={"data": {"kind": "row"}, "questions": [question]})
    _add_items(project, requester, world, settings, random)
    project.refresh_from_db()
    total = queries.price(project).total_micros
    deposits.add_test_money(actor=requester, organisation_id=organisation.pk, amount_micros=EXTRA_MONEY * total)
    project = publish.publish(actor=requester, project_id=project.pk, checked=True)
    numbers = {id: int(key or 0) for id, key in Task.objects.filter(project=project).values_list("id", "item__key")}
    people = [(person, become_worker(user=_user("worker"), country="DE")) for person in crowd]
    return Simulation(project, world, people, numbers)


def _add_items(project: Project, requester: User, world: World, settings: Settings, random: Random) -> None:
    """The last of them are gold."""
    rows = [
        {"key": str(number), "item": f"item {number}"} | ({"gold": label} if number >= settings.items else {})
        for number, label in enumerate(world.truth)
    ]
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        items.add(actor=requester, project_id=project.pk, rows=some, options={"key_column": "key"}, rng=random)


def _turn(run: Simulation, person: Person, worker: Worker, settings: Settings, random: Random) -> bool:
    """A few answers of one worker; whether he may go on."""
    try:
        held = take.take_next(worker=worker, project_id=run.project.pk, random=random)
    except STOPPED as stop:
        _note_pause(run, worker, stop)
        return False
    for place in range(settings.round):
        done, last = run.done.get(worker.pk, 0), place == settings.round - 1
        value = {QUESTION: says(run.world, person, run.numbers[held.task_id], done)}
        given = submit(worker=worker, assignment_id=held.pk, value=value, take_next=not last, random=random)
        run.done[worker.pk] = done + 1
        if given.ended is not None:
            _note_pause(run, worker, given.ended)
            return False
        if given.next is not None:
            held = given.next
    return True


def _note_pause(run: Simulation, worker: Worker, stop: Exception) -> None:
    if isinstance(stop, WorkerStopped):
        run.paused_after.setdefault(worker.pk, run.done.get(worker.pk, 0))


def _jobs(run: Simulation) -> None:
    for participation in recount.due(limit=10_000):
        recount.recount(participation)
    with suppress(Busy):  # a job of the site is at it
        aggregate(run.project.pk)
    watch.watch(run.project.pk)
    settle(run.project.pk)


def _user(role: str) -> User:
    """A login nobody can sign in with, who has agreed to the terms."""
    user = User.objects.create_user(f"{role}.{uuid4().hex[:16]}@simulation.invalid")
    terms.accept_current(user=user, adult=True)
    return user
