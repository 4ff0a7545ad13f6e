"""Where accurate workers disagree: the tasks in question, put together by what they have in common. Reads only.

A group is a pair of labels, an item group (a column of the items that the requester names), and the reason workers gave
for returning such tasks. What it costs is how many of its merged labels are expected to be wrong: the sum of 1 less the
posterior. A majority among bad workers is no disagreement; so only workers count whose accuracy, on gold where there is
enough, else by the model, reaches ACCURATE.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from crowd.assignments.configs import parsed
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.states import ParticipationState, ReturnReason
from crowd.consensus import answers
from crowd.consensus.answers import Given, Key
from crowd.consensus.models import Consensus, WorkerScore
from crowd.guidance.models import RulingCase
from crowd.kernel.errors import Conflict
from crowd.labeling.kinds import Choice
from crowd.projects.models import Project, Task
from crowd.quality.accuracy import BetaAccuracy

ACCURATE = 0.7
ENOUGH_GOLD = 5
SHOWN = 10
TELLING = (ReturnReason.UNCLEAR, ReturnReason.TOO_HARD)


@dataclass(frozen=True)
class Like:
    """What cases have in common: the identity of a group. `one` and `other` in the order of the config."""

    question: str
    one: str
    other: str
    column: str = ""
    item_group: str = ""
    said_reason: str = ""


@dataclass(frozen=True)
class Case:
    """One unit of one task: how many accurate workers said each label, and how sure the merged answer is."""

    task_id: int
    unit: int
    said: Mapping[str, int]
    posterior: float

    @property
    def wrong(self) -> float:
        return 1 - self.posterior


@dataclass(frozen=True)
class Group:
    like: Like
    cases: Sequence[Case]

    @property
    def cost(self) -> float:
        """Labels expected to be wrong."""
        return sum(one.wrong for one in self.cases)

    @property
    def task_ids(self) -> list[int]:
        return sorted({one.task_id for one in self.cases})


def groups(project: Project, *, column: str = "") -> list[Group]:
    """All groups of a project, the most costly first. Tasks that were ruled on already are in none."""
    if project.config_id is None:
        return []
    accurate = _accurate(project)
    found: dict[Like, list[Case]] = defaultdict(list)
    for question in parsed(project.config_id).questions:
        if isinstance(question, Choice) and not question.is_opinion:
            for like, case in _cases(project, question, accurate, column):
                found[like].append(case)
    return sorted((Group(like, cases) for like, cases in found.items()), key=lambda one: (-one.cost, str(one.like)))


def group_of(project: Project, like: Like) -> Group:
    """The group as it is now. Raises Conflict when there is none any more: somebody was first."""
    for group in groups(project, column=like.column):
        if group.like == like:
            return group
    raise Conflict


def _accurate(project: Project) -> set[int]:
    """Workers who are not paused, and right often enough."""
    modelled: dict[int, list[float]] = defaultdict(list)
    for worker, accuracy in WorkerScore.objects.filter(project_id=project.pk).values_list("worker_id", "accuracy"):
        if accuracy is not None:
            modelled[worker].append(accuracy)
    inside = Participation.objects.filter(project_id=project.pk, state=ParticipationState.ACTIVE)
    return {one.worker_id for one in inside if _accuracy(one, modelled.get(one.worker_id, [])) >= ACCURATE}


def _accuracy(one: Participation, modelled: Sequence[float]) -> float:
    if one.gold_right + one.gold_wrong >= ENOUGH_GOLD:
        return BetaAccuracy(one.gold_right, one.gold_wrong).mean
    return sum(modelled) / len(modelled) if modelled else 0.0


def _cases(project: Project, question: Choice, accurate: set[int], column: str) -> Sequence[tuple[Like, Case]]:
    said = _said(answers.given(project_id=project.pk, question=question.id), accurate)
    split = {key: counts for key, counts in said.items() if len(counts) > 1}
    found = Task.objects.filter(pk__in={task_id for task_id, _unit in split}, is_gold=False)
    ruled = RulingCase.objects.filter(task=OuterRef("pk"))
    tasks = {task.pk: task for task in found.exclude(Exists(ruled)).select_related("item")}
    posteriors = _posteriors(project, question, list(tasks))
    reasons = _reasons(project, list(tasks))
    order = [label.name for label in question.labels]
    return [
        (
            Like(
                question.id,
                *_pair(counts, order),
                column,
                str(tasks[key[0]].item.data.get(column, ""))[:200] if column else "",
                reasons.get(key[0], ""),
            ),
            Case(*key, counts, posteriors[key]),
        )
        for key, counts in split.items()
        if key[0] in tasks and key in posteriors
    ]


def _said(given: Given, accurate: set[int]) -> dict[Key, Counter[str]]:
    """Of each key, how many accurate workers whose answer counts said each label."""
    found: dict[Key, Counter[str]] = defaultdict(Counter)
    for key, worker, value, counts in zip(given.keys, given.workers, given.values, given.counts, strict=True):
        if counts and worker in accurate:
            found[key][str(value)] += 1
    return found


def _pair(counts: Counter[str], order: Sequence[str]) -> tuple[str, str]:
    """The two labels said most, in the order of the config."""
    first, second = sorted(counts, key=lambda name: (-counts[name], order.index(name)))[:2]
    one, other = sorted((first, second), key=order.index)
    return one, other


def _posteriors(project: Project, question: Choice, tasks: Sequence[int]) -> dict[Key, float]:
    rows = Consensus.objects.filter(
        project_id=project.pk, task_id__in=tasks, question=question.id, posterior__isnull=False
    )
    return {(row.task_id, row.unit): row.posterior for row in rows if row.posterior is not None}


def _reasons(project: Project, tasks: Sequence[int]) -> dict[int, str]:
    """The reason that a task was returned for most often, where that says something about the guidelines."""
    returned = Assignment.objects.filter(project_id=project.pk, task_id__in=tasks, return_reason__in=TELLING)
    rows = returned.values("task_id", "return_reason").annotate(number=Count("id")).order_by("number", "return_reason")
    return {row["task_id"]: row["return_reason"] for row in rows}
