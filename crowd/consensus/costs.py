"""What labels cost and what was saved: before launch from answers that are there, afterwards from the tasks themselves.

A curve needs no gold: how right the first k answers of each task would have been is judged by the calibrated posterior
of all of them. So it is only as good as those, and says nothing beyond their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, F, Sum

from crowd.assignments.configs import parsed
from crowd.consensus import answers, methods
from crowd.consensus.answers import Given
from crowd.consensus.models import AggregationRun
from crowd.consensus.states import RunState
from crowd.labeling.kinds import Choice
from crowd.projects.models import Project, Task
from crowd.quality import Votes
from crowd.quality.arrays import Floats
from crowd.quality.auto import sampled
from crowd.quality.calibration import WITHOUT_GOLD
from crowd.quality.cost import Point, StopRule, as_needed, first_answers
from crowd.quality.types import Fit

MOST_ANSWERS = 20_000  # of so many the curve is drawn: whole tasks, picked by a hash of their names
MOST_FIXED = 10
TARGETS = (0.8, 0.9, 0.95, 0.98)
LEAST_MEAN = 2.5  # answers a task, below which there is nothing to draw


@dataclass(frozen=True)
class Curve:
    """`fixed` for 1, 2, ... answers a task; `adaptive` for rising targets, from the start and up to the most given."""

    tasks: int
    fixed: Sequence[Point]
    adaptive: Sequence[tuple[float, Point]]


@dataclass(frozen=True)
class Saved:
    """Of the tasks that are complete: answers given, and how many more the most for each of them would have been."""

    tasks: int
    answers: int
    not_bought: int
    micros: int


def sources(project: Project, *, most: int = 20) -> list[Project]:
    """Projects of the same organisation whose answers can tell what labels cost, newest first; perhaps itself."""
    done = AggregationRun.objects.filter(state=RunState.DONE).values("project_id")
    own = Project.objects.filter(organisation=project.organisation_id, id__in=done, config__isnull=False)
    return [one for one in own.order_by("-id")[:most] if _question(one) is not None]


def curve(source: Project, *, start: int = 2, most: int | None = None, least_gain: float = 0.001) -> Curve | None:
    """From the answers of a pilot or an earlier project, in the order in which they came; None where they are too few.

    At most 20,000 answers are used. Seconds of work: the caller keeps it.
    """
    question = _question(source)
    if question is None:
        return None
    given = answers.given(project_id=source.pk, question=question).taught()
    votes = sampled(_votes(given), MOST_ANSWERS)
    there = votes.answers[votes.answers > 0]
    if not len(there) or there.mean() < LEAST_MEAN:
        return None
    method = methods.closed(source.aggregation_method, source.aggregation_parameters)
    whole = WITHOUT_GOLD.apply(method.fit(votes).posterior)
    fixed = [first_answers(votes, k) for k in range(1, min(MOST_FIXED, int(there.max())) + 1)]
    bought = [
        (target, *as_needed(votes, method, StopRule(target, least_gain, WITHOUT_GOLD), start=start, most=most))
        for target in TARGETS
    ]
    return Curve(
        tasks=len(there),
        fixed=[_point(method.fit(part), whole, len(there)) for part in fixed],
        adaptive=[(target, _point(fit, whole, len(there))) for target, fit, _wanted in bought],
    )


def saved(project: Project) -> Saved | None:
    """What an adaptive project did not buy so far, against the most it might have asked for; None for a fixed one."""
    if project.most_answers is None:
        return None
    done = Task.objects.filter(project=project, tier=0, is_gold=False, answered__gte=F("needed"), answered__gt=0)
    found = done.aggregate(tasks=Count("id"), answers=Sum("answered", default=0))
    least = done.filter(answered__lt=project.most_answers)
    left = least.aggregate(left=Sum(project.most_answers - F("answered"), default=0))["left"]
    return Saved(found["tasks"], found["answers"], left, left * project.price_micros)


def _question(project: Project) -> str | None:
    """The first question with one right label."""
    if project.config_id is None:
        return None
    choices = [one.id for one in parsed(project.config_id).questions if isinstance(one, Choice)]
    return choices[0] if choices else None


def _votes(given: Given) -> Votes:
    """Those that vote, in their order."""
    voting = [place for place, votes in enumerate(given.voting) if votes]
    return Votes.from_labels(
        ["{}.{}".format(*given.keys[place]) for place in voting],
        [given.workers[place] for place in voting],
        [given.values[place] for place in voting],
    )


def _point(fit: Fit, whole: Floats, tasks: int) -> Point:
    """How right the labels of these answers are by the posterior of all; tasks without an answer are left out."""
    asked = np.flatnonzero(fit.votes.answers > 0)
    rightness = whole[asked, fit.consensus_codes[asked]].mean()
    return Point(len(fit.votes) / tasks, float(rightness))
