"""What a simulation came to, read from the stored rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Sum

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import pause
from crowd.assignments.states import ParticipationState
from crowd.consensus.models import Consensus
from crowd.kernel.errors import CrowdError
from crowd.ledger.models import Transfer
from crowd.ledger.services import self_check
from crowd.ledger.states import Kind as Move
from crowd.operations.simulate.crowd import Kind, Person, true_accuracy
from crowd.operations.simulate.run import QUESTION, Simulation

GOOD_FROM = 0.85


@dataclass(frozen=True, kw_only=True)
class Group:
    """One kind of worker. `answers_until_pause` is the mean over those who were paused, quiz included; a worker who
    failed the quiz is paused too. `answers` is the mean over all: a lower bound where some were not paused."""

    kind: str
    workers: int
    accuracy: float
    paused: int
    failed_quiz: int
    answers: float
    answers_until_pause: float | None
    gold_answers: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """Accuracies are of the consensus over all ordinary items that have one; `cost_micros` is everything that left the
    project's escrow for workers and fees. `false_pauses` are of workers whose true accuracy is 85 % or more."""

    tasks: int
    with_consensus: int
    accuracy: float
    answers: int
    gold_answers: int
    cost_micros: int
    groups: Sequence[Group]
    good_workers: int
    false_pauses: int
    quiz_length: int
    quiz_mark: int | None
    quiz_error: float | None
    ledger_balanced: bool


def report(run: Simulation) -> Report:
    given = Assignment.objects.filter(project=run.project, submitted_at__isnull=False)
    inside = {one.worker_id: one for one in Participation.objects.filter(project=run.project)}
    marks, mark = _marks(run), pause.pass_mark(run.project)
    good = [
        worker.pk
        for person, worker in run.people
        if person.kind != Kind.LAZY and true_accuracy(run.world, person) >= GOOD_FROM and worker.pk in inside
    ]
    return Report(
        tasks=len(run.numbers),
        with_consensus=len(marks),
        accuracy=sum(marks) / max(len(marks), 1),
        answers=given.count(),
        gold_answers=given.filter(is_gold=True).count(),
        cost_micros=_cost(run),
        groups=list(_groups(run, inside)),
        good_workers=len(good),
        false_pauses=sum(inside[id].state == ParticipationState.PAUSED for id in good),
        quiz_length=run.project.quiz_length,
        quiz_mark=mark.right if mark else None,
        quiz_error=mark.error if mark else None,
        ledger_balanced=_balanced(),
    )


def _marks(run: Simulation) -> list[float]:
    """1 for each item whose consensus is right, a tie in part."""
    marks = []
    for row in Consensus.objects.filter(project=run.project, question=QUESTION):
        top = max(row.distribution.values())
        tied = [name for name, posterior in row.distribution.items() if posterior >= top - 1e-9]
        marks.append(float(run.world.truth[run.numbers[row.task_id]] in tied) / len(tied))
    return marks


def _groups(run: Simulation, inside: dict[int, Participation]) -> Iterable[Group]:
    by_kind: dict[Kind, list[tuple[Person, int]]] = defaultdict(list)
    for person, worker in run.people:
        if worker.pk in inside:
            by_kind[person.kind].append((person, worker.pk))
    for kind in Kind:
        if members := by_kind[kind]:
            yield _group(kind, members, run, inside)


def _group(
    kind: Kind, members: Sequence[tuple[Person, int]], run: Simulation, inside: dict[int, Participation]
) -> Group:
    ids = [id for _person, id in members]
    paused = [id for id in ids if inside[id].state == ParticipationState.PAUSED]
    until = [run.paused_after.get(id, run.done.get(id, 0)) for id in paused]
    gold = sum(inside[id].gold_right + inside[id].gold_wrong for id in ids)
    return Group(
        kind=kind.value,
        workers=len(ids),
        accuracy=sum(true_accuracy(run.world, person) for person, _id in members) / len(ids),
        paused=len(paused),
        failed_quiz=sum(inside[id].pause_evidence.get("rule") == "quiz" for id in paused),
        answers=sum(run.done.get(id, 0) for id in ids) / len(ids),
        answers_until_pause=sum(until) / len(until) if until else None,
        gold_answers=gold / len(ids),
    )


def _cost(run: Simulation) -> int:
    moved = Transfer.objects.filter(project_ref=run.project.pk, kind__in=[Move.REWARD, Move.FEE])
    return int(moved.aggregate(sum=Sum("amount_micros", default=0))["sum"])


def _balanced() -> bool:
    try:
        self_check()
    except CrowdError:
        return False
    return True
