"""What a replay came to, as figures: read from the stored rows, not from what the replay believes it did."""

from dataclasses import dataclass

from django.db.models import Sum

from crowd.assignments.models import Assignment
from crowd.assignments.states import AssignmentState
from crowd.consensus.models import Consensus
from crowd.kernel.errors import CrowdError
from crowd.ledger.models import Transfer
from crowd.ledger.services import self_check
from crowd.ledger.states import Kind
from crowd.operations.replay.run import QUESTION, Replay
from crowd.projects.models import Project
from crowd.quality import MajorityVote, Votes


@dataclass(frozen=True, kw_only=True)
class Report:
    """Accuracies are over the evaluated tasks: gold-bearing tasks that were not made gold. A tie earns 1 / number of
    tied labels."""

    tasks: int
    workers: int
    answers: int  # gold answers included
    accepted: int
    refused_duplicates: int
    refused_paused: int
    gold_answers: int
    evaluated_tasks: int
    consensus_accuracy: float | None
    majority_accuracy: float | None
    paid_micros: int
    fees_micros: int
    returned_micros: int
    ledger_balanced: bool
    seed: int
    seconds: float


def report(run: Replay, seconds: float) -> Report:
    assignments = Assignment.objects.filter(project_id=run.project.pk)
    truth = {task: label for task, label in run.recorded.gold.items() if task in run.task_ids and task not in run.gold}
    return Report(
        tasks=len(run.task_ids),
        workers=len(run.workers),
        answers=assignments.filter(submitted_at__isnull=False).count(),
        accepted=assignments.filter(state=AssignmentState.ACCEPTED).count(),
        refused_duplicates=run.refused_duplicates,
        refused_paused=run.refused_paused,
        gold_answers=assignments.filter(is_gold=True, submitted_at__isnull=False).count(),
        evaluated_tasks=len(truth),
        consensus_accuracy=_consensus_accuracy(run, truth),
        majority_accuracy=_majority_accuracy(run, truth),
        paid_micros=_moved(run.project, Kind.REWARD),
        fees_micros=_moved(run.project, Kind.FEE),
        returned_micros=_moved(run.project, Kind.RELEASE),
        ledger_balanced=_balanced(),
        seed=run.settings.seed,
        seconds=round(seconds, 1),
    )


def _consensus_accuracy(run: Replay, truth: dict[str, str]) -> float | None:
    rows = Consensus.objects.filter(project_id=run.project.pk, question=QUESTION)
    found = {row.task_id: row.distribution for row in rows}
    marks = [_mark(found.get(run.task_ids[task], {}), label) for task, label in truth.items()]
    return round(sum(marks) / len(marks), 6) if marks else None


def _mark(distribution: dict[str, float], label: str) -> float:
    if not distribution:
        return 0.0
    top = max(distribution.values())
    tied = [name for name, posterior in distribution.items() if posterior >= top - 1e-9]
    return float(label in tied) / len(tied)


def _majority_accuracy(run: Replay, truth: dict[str, str]) -> float | None:
    """Of the plain majority of the accepted answers, without gold: what the crowd's raw vote would have given."""
    accepted = Assignment.objects.filter(project_id=run.project.pk, state=AssignmentState.ACCEPTED, is_gold=False)
    rows = list(accepted.values_list("task_id", "worker_id", f"answers__value__units__0__{QUESTION}"))
    if not rows or not truth:
        return None
    tasks, workers, labels = zip(*rows, strict=True)
    fit = MajorityVote().fit(Votes.from_labels(tasks, workers, labels))
    return round(fit.score({run.task_ids[task]: label for task, label in truth.items()}), 6)


def _moved(project: Project, kind: str) -> int:
    moved = Transfer.objects.filter(project_ref=project.pk, kind=kind).aggregate(sum=Sum("amount_micros", default=0))
    return int(moved["sum"])


def _balanced() -> bool:
    try:
        self_check()
    except CrowdError:
        return False
    return True
