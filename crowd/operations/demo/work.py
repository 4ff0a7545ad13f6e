"""The simulated crowd at work: days of sessions through the services that everybody uses, time passing in between."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from crowd.assignments.errors import NoWork, ProjectNotOpen, QuizFull, WorkerStopped
from crowd.assignments.models import Assignment
from crowd.assignments.services import give_back, recount, reject, standing, take
from crowd.assignments.services.submit import Time, submit
from crowd.assignments.states import ReturnReason
from crowd.consensus.errors import Busy
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.ledger.services.fold import fold
from crowd.operations.demo import crowd
from crowd.operations.demo.crowd import SECONDS, Person
from crowd.operations.demo.digits import Digit
from crowd.projects.models import Item, Project, Task
from workers.models import Worker

NO_MORE = (NoWork, ProjectNotOpen, QuizFull, WorkerStopped)
DAYS = 4  # in which the work is done, if all goes well
MOST_DAYS = 20
WALKS_AWAY = 0.05  # of the sessions end with a task that is never answered
RETURNS = 0.05
BETWEEN_SESSIONS = timedelta(minutes=4)
NIGHT = timedelta(hours=20)
REASONS = (ReturnReason.NO_TIME, ReturnReason.UNCLEAR, ReturnReason.NOT_SAID)

Says = Callable[[Person, Assignment, int, Random], dict[str, Any]]  # done: how many he has answered here before
Tick = Callable[[], None]
Evening = Callable[[int], None]


@dataclass
class Work:
    """One project, the people who work on it and what they say; `tick` hears of every answer, `evening` the number of
    each day; `seconds` is what one task takes, in the median."""

    project: Project
    people: Sequence[tuple[Person, Worker]]
    says: Says
    random: Random
    tick: Tick
    evening: Evening = lambda day: None
    seconds: float = SECONDS
    done: dict[int, int] = field(default_factory=dict)  # answers by person


def of_digits(project: Project, digits: Sequence[Digit]) -> Says:
    """What people say to the digits of a project that was posted."""
    keys = {digit.key: digit for digit in digits}
    shown = {item.pk: keys[str(item.key)] for item in Item.objects.filter(project=project)}
    return lambda person, held, done, random: crowd.answer(person, shown[held.task.item_id], done, random)


def do_all(work: Work) -> int:
    """Day after day until nothing is left that anybody may take; the number of days."""
    usual = _usual_session(work)
    for day in range(1, MOST_DAYS + 1):
        answered = do_a_day(work, usual)
        clock.advance(NIGHT)
        run_jobs(work.project)
        work.evening(day)
        if not answered or not Task.objects.filter(project=work.project, open=True).exists():
            return day
    return MOST_DAYS


def run_jobs(project: Project) -> None:
    """What the site's jobs would do by now."""
    give_back.expire_due()
    for participation_id in recount.due():
        recount.recount(participation_id)
    reject.release_due()
    with suppress(Busy):  # a job of the site is at it
        aggregate(project.pk)
    settle(project.pk)
    standing.fold()
    fold()


def _usual_session(work: Work) -> float:
    """So many answers a person and day that the work is done in time; gold comes on top."""
    slots = sum(Task.objects.filter(project=work.project, is_gold=False).values_list("needed", flat=True))
    return 1.15 * slots / (DAYS * len(work.people))


def do_a_day(work: Work, usual: float) -> int:
    """About `usual` answers of everybody; the number of answers given."""
    order = list(work.people)
    work.random.shuffle(order)
    answered = 0
    for person, worker in order:
        answered += _session(work, person, worker, max(2, round(usual * work.random.lognormvariate(0, 0.4))))
        clock.advance(BETWEEN_SESSIONS)
    return answered


def _session(work: Work, person: Person, worker: Worker, length: int) -> int:
    """Take a task, then submit and take the next in one go; the number of answers given."""
    try:
        read = work.project.guidelines.version if work.project.guidelines else None
        held = take.take_next(worker=worker, project_id=work.project.pk, guidelines_read=read, random=work.random)
    except NO_MORE:
        return 0
    for place in range(1, length + 1):
        following = _answer(work, person, worker, held, last=place == length)
        if following is None:
            return place
        held = following
    _leave(work, worker, held)
    return length


def _answer(work: Work, person: Person, worker: Worker, held: Assignment, *, last: bool) -> Assignment | None:
    done = work.done.get(person.number, 0)
    # Whoever ends in an orderly way takes no task that he will not answer.
    take_next = not last or work.random.random() < WALKS_AWAY + RETURNS
    result = submit(
        worker=worker,
        assignment_id=held.pk,
        value=work.says(person, held, done, work.random),
        time=Time(active_ms=crowd.active_ms(person, work.random, work.seconds)),
        take_next=take_next,
        random=work.random,
    )
    work.done[person.number] = done + 1
    work.tick()
    return result.next


def _leave(work: Work, worker: Worker, held: Assignment) -> None:
    """Some say that they give a task back, some just go."""
    if work.random.random() < RETURNS / (RETURNS + WALKS_AWAY):
        give_back.return_task(worker=worker, assignment_id=held.pk, reason=work.random.choice(REASONS))
