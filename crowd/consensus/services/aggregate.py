"""Aggregation: from a project's answers to its consensus, as one run that can be repeated.

1. One run a project at a time (advisory lock); who comes second is told so. The project is read, and what was
   wanted is taken (`wanted`), once the lock is held: what changes after that is due again.
2. Fold what happened to answers since into the parts that are kept (`fold`), and read the answers from these in a fixed
   order, question by question; merge them cold, with gold clamped, and what the requester decided himself.
3. Replace the consensus of each key that changed (`store`) and the score of each worker, in the same transaction as the
   run's record, so that readers see the old result or the new one. A failed run leaves only its record behind.
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import django
import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, Sum

from crowd.assignments.configs import parsed
from crowd.assignments.models import Assignment, Participation
from crowd.consensus import answers, methods
from crowd.consensus.answers import Given, Key
from crowd.consensus.errors import Busy
from crowd.consensus.models import AggregationRun, Consensus, Decision, VoteChange, WorkerScore
from crowd.consensus.parts import Column
from crowd.consensus.services import fold, wanted
from crowd.consensus.services.store import Row, store
from crowd.consensus.states import RunState
from crowd.kernel import clock, locks
from crowd.kernel.errors import NotFound
from crowd.labeling.conditions import is_asked
from crowd.labeling.config import LabelConfig
from crowd.labeling.gold_keys import parse_gold
from crowd.labeling.kinds import Question
from crowd.projects.models import Project, Task
from qualifications.scoring import agreement, likeness

log = logging.getLogger(__name__)
ROWS = 2000  # in one statement
BY_POSTERIOR = ("choice", "multi-choice", "number")


def aggregate(project_id: int) -> AggregationRun | None:
    """Run the project's method over all its answers. None when nothing is answered, nor was before the last run.

    Raises NotFound, Busy while another run is under way.
    """
    project = Project.objects.filter(id=project_id, config__isnull=False).first()
    if project is None:
        raise NotFound
    try:
        with transaction.atomic(durable=True):
            if not locks.try_exclusive(locks.Gate.AGGREGATION, project_id):
                raise Busy
            wanted.take(project_id)
            return _run(Project.objects.get(id=project_id), clock.now())
    except Busy:
        raise
    except Exception as error:
        log.exception("aggregation of project %s failed", project_id)
        _record_failure(project, error)
        raise


def _run(project: Project, now: datetime) -> AggregationRun | None:
    tallies = Participation.objects.filter(project_id=project.id)
    submitted = tallies.aggregate(total=Sum("submitted_count", default=0))["total"]
    if not submitted and not VoteChange.objects.filter(project=project).exists():
        return None
    run = AggregationRun.objects.create(
        project=project,
        method=project.aggregation_method,
        parameters=project.aggregation_parameters,
        software={"numpy": np.__version__, "django": django.get_version()},
        submitted=submitted,
        started_at=now,
    )
    assert project.config_id is not None
    config = parsed(project.config_id)
    rows = fold.fold(project.id)
    Consensus.objects.filter(project=project).exclude(question__in=config.ids).delete()
    digests, seen, said = [], 0, defaultdict[Key, dict[str, Any]](dict)
    for question in config.questions:
        given = answers.given(project_id=project.id, question=question.id, rows=rows, config_id=project.config_id)
        digests.append(given.digest())
        seen = max(seen, len(given))
        run.figures[question.id] = _merge_question(project, config, question, given, run, said)
    run.input_sha256 = hashlib.sha256("".join(digests).encode()).hexdigest()
    run.answers, run.state, run.finished_at = seen, RunState.DONE, now
    run.save()
    return run


def _merge_question(
    project: Project,
    config: LabelConfig,
    question: Question,
    given: Given,
    run: AggregationRun,
    said: dict[Key, dict[str, Any]],
) -> Mapping[str, Any]:
    """`said` are the merged answers to the questions before, to which this adds its own."""
    taught, gold = given.taught(), _gold(project, config, question)
    decided = _decided(project, question)
    result = methods.merge(
        question,
        taught,
        gold=decided | gold,
        method=project.aggregation_method,
        parameters=project.aggregation_parameters,
    )
    result = replace(result, merged={**result.merged, **methods.clamped(decided | _among(gold, decided))})
    on_gold = _known_before(project)
    alike = given.measured(partial(agreement, question), _values(given, result))
    rows = _consensus_rows(question, given, result, alike)
    if any(one.when for one in config.questions):
        rows = (row for row in rows if is_asked(question.when, said[row.task_id, row.unit]))
        rows = _noted(question, rows, said)
    store(project, question, (row for row in rows if row.task_id not in on_gold), run)
    scores = _score_rows(project, question, taught, result, run, alike[given.teaches])
    agreed = [row.agreement for row in scores if row.agreement is not None]
    _write_scores(scores)
    return {**result.figures, "mean_agreement": round(float(np.mean(agreed)), 6) if agreed else None}


def _noted(question: Question, rows: Iterator[Row], said: dict[Key, dict[str, Any]]) -> Iterator[Row]:
    for row in rows:
        said[row.task_id, row.unit][question.id] = row.value
        yield row


def _values(given: Given, result: methods.Result) -> list[Any]:
    """The merged value of each of the keys; None where there is none."""
    return [one.value if (one := result.merged.get(key)) else None for key in given.distinct]


def _known_before(project: Project) -> set[int]:
    """Gold tasks that were never ordinary ones: no merged answer is wanted of them."""
    ordinary = Assignment.objects.filter(project_id=project.pk, task=OuterRef("pk"), is_gold=False)
    gold = Task.objects.filter(~Exists(ordinary), project=project, is_gold=True)
    return set(gold.values_list("id", flat=True))


def _gold(project: Project, config: LabelConfig, question: Question) -> dict[Key, Any]:
    """The known answers to one question, by key; a task with several right answers is known for none of them."""
    known: dict[Key, Any] = {}
    for task in Task.objects.filter(project=project, is_gold=True).only("id", "gold", "units").order_by("id"):
        key = parse_gold(config, task.gold, units=task.units).alone
        for unit, values in enumerate(key.units if key else ()):
            if question.id in values:
                known[task.id, unit] = values[question.id]
    return known


def _decided(project: Project, question: Question) -> dict[Key, Any]:
    """What the requester decided himself, by key."""
    rows = Decision.objects.filter(project=project, question=question.id).order_by("task_id", "unit")
    return {(row.task_id, row.unit): row.value for row in rows}


def _among(gold: Mapping[Key, Any], decided: Mapping[Key, Any]) -> dict[Key, Any]:
    return {key: gold[key] for key in decided if key in gold}


def _consensus_rows(question: Question, given: Given, result: methods.Result, agrees: Column) -> Iterator[Row]:
    """One row for each key that has a voting answer. `agrees` (n,): how far each answer agrees with the merged one.
    Counted and agreed are the counting answers only."""
    keys = given.distinct
    voted = np.bincount(given.place[given.voting], minlength=len(keys)) > 0
    counted = np.bincount(given.place[given.counts], minlength=len(keys)).tolist()
    agreed = _sums(given, agrees)
    values = _values(given, result)
    alike = _sums(given, given.measured(partial(likeness, question), values)) if _by_likeness(question) else agreed
    for place in np.flatnonzero(voted).tolist():
        key, answers = keys[place], counted[place]
        merged = result.merged[key]
        yield Row(
            *key,
            value=merged.value,
            distribution=merged.distribution,
            intervals=merged.intervals,
            details=merged.details,
            posterior=merged.posterior,
            gain=merged.gain,
            sure=_sure(question, merged, alike[place], answers),
            tied=merged.tied,
            answers=answers,
            agreement=agreed[place] / answers if answers else None,
        )


def _sums(given: Given, measure: Column) -> list[float]:
    """Of the counting answers to each key."""
    weights = measure[given.counts]
    found: list[float] = np.bincount(given.place[given.counts], weights, minlength=len(given.distinct)).tolist()
    return found


def _score_rows(
    project: Project,
    question: Question,
    given: Given,
    result: methods.Result,
    run: AggregationRun,
    agrees: Column,
) -> list[WorkerScore]:
    workers, who = np.unique(given.worker, return_inverse=True)
    place = {worker: row for row, worker in enumerate(workers.tolist())}
    said = np.bincount(who.reshape(-1), minlength=len(workers)).tolist()
    agreed = np.bincount(who.reshape(-1), agrees, minlength=len(workers)).tolist()
    return [
        WorkerScore(
            project_id=project.id,
            worker_id=worker,
            question=question.id,
            answers=said[place[worker]],
            accuracy=judged.accuracy,
            confusion=judged.confusion,
            agreement=agreed[place[worker]] / said[place[worker]],
            run=run,
        )
        for worker, judged in result.workers.items()
    ]


def _by_likeness(question: Question) -> bool:
    return question.settles and question.kind not in BY_POSTERIOR


def _sure(question: Question, merged: methods.Merged, alike: float, answers: int) -> float | None:
    """What the stop rule goes by: the posterior of labels, the probability that a number is near enough, and of all
    other answers how far they are alike. One answer alone is like no other."""
    if merged.sure is not None or not question.settles:
        return merged.sure
    if not _by_likeness(question):
        return merged.posterior
    return alike / answers if answers > 1 else 0.0


def _write_scores(rows: list[WorkerScore]) -> None:
    WorkerScore.objects.bulk_create(
        rows,
        batch_size=ROWS,
        update_conflicts=True,
        unique_fields=["project", "worker", "question"],
        update_fields=["answers", "accuracy", "confusion", "agreement", "run"],
    )


def _record_failure(project: Project, error: Exception) -> None:
    now = clock.now()
    AggregationRun.objects.create(
        project=project,
        state=RunState.FAILED,
        method=project.aggregation_method,
        parameters=project.aggregation_parameters,
        error=f"{type(error).__name__}: {error}",
        started_at=now,
        finished_at=now,
    )
