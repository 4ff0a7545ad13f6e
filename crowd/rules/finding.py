"""Whom a rule holds for, and on which evidence. Reads only; the job and the dry run both ask here."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from crowd.assignments.configs import parsed
from crowd.assignments.models import Participation
from crowd.consensus import answers
from crowd.consensus.parts import Rows
from crowd.consensus.services import fold
from crowd.labeling.kinds import Choice
from crowd.projects.models import Project
from crowd.quality import DawidSkene, Votes
from crowd.quality.workers import SharedErrors, copying
from crowd.rules.collectors import Event, Figures, First, figures_now, first_time
from crowd.rules.history import History, factual
from crowd.rules.terms import Terms
from crowd.rules.vocabulary import Collector

NAMED = 50  # assignments that a firing names
LARGEST_FOR_SHARED = 1_000_000  # answers


@dataclass(frozen=True)
class Finding:
    """One worker as a rule sees him. `first` is for looking back; None where the collector keeps no history."""

    participation: Participation
    figures: Figures
    holds: bool
    events: tuple[Event, ...] = ()
    first: First | None = None
    with_worker: int | None = None  # of shared errors: the other one

    @property
    def worker_id(self) -> int:
        return self.participation.worker_id

    def evidence(self, since: datetime | None) -> dict[str, Any]:
        """What a firing keeps: figures, how many events they rest on, and the last of those."""
        found: dict[str, Any] = {
            "figures": dict(self.figures),
            "events": len(self.events),
            "since": since.isoformat() if since else None,
            "assignments": [one.assignment_id for one in self.events[-NAMED:]],
        }
        return found | ({"with_worker": self.with_worker} if self.with_worker else {})


def find(
    terms: Terms,
    history: History,
    inside: Collection[Participation],
    *,
    now: datetime,
    since: Mapping[int, datetime | None],
    look_back: bool = False,
) -> Iterator[Finding]:
    """A finding for each of these workers who is not exempt; `since`: by worker, what came before is used up.

    `inside` with their workers. `look_back` also finds when the rule would have held first.
    """
    shared = shared_errors(history.project) if terms.collector == Collector.SHARED else {}
    for one in inside:
        if terms.of_speed and one.worker.time_percent > 100:
            continue
        if terms.collector == Collector.SHARED:
            yield _shared(terms, one, shared.get(one.worker_id))
            continue
        events = history.of(terms, one.worker_id, since=since.get(one.worker_id))
        figures = figures_now(terms, events, now)
        first = first_time(terms, events) if look_back else None
        yield Finding(one, figures, terms.hold(figures), tuple(events), first)


def _shared(terms: Terms, one: Participation, pair: SharedErrors | None) -> Finding:
    if pair is None:
        return Finding(one, {"shared_errors": 0, "tasks": 0}, holds=False)
    other = pair.other if pair.one == one.worker_id else pair.one
    figures = {"shared_errors": float(round(pair.shared)), "tasks": float(pair.tasks)}
    return Finding(one, figures, terms.hold(figures), with_worker=int(str(other)))


def shared_errors(project: Project) -> dict[int, SharedErrors]:
    """By worker, the pair he is in that is hardest to explain by chance (crowd.quality.workers.copying)."""
    found: dict[int, SharedErrors] = {}
    if project.config_id is None or not 0 < _answers(project) <= LARGEST_FOR_SHARED:
        return found
    rows, asked = fold.every(project.pk), factual(project)
    for question in parsed(project.config_id).questions:
        if not isinstance(question, Choice) or question.id not in asked:
            continue
        for pair in _pairs(project, question, rows):
            for name in (pair.one, pair.other):
                worker = int(str(name))
                if worker not in found or pair.chance < found[worker].chance:
                    found[worker] = pair
    return found


def _answers(project: Project) -> int:
    """As the tallies have it: so many that there is no use in reading them are not read."""
    tallies = Participation.objects.filter(project_id=project.pk)
    return int(tallies.aggregate(total=Sum("submitted_count", default=0))["total"])


def _pairs(project: Project, question: Choice, rows: Rows) -> tuple[SharedErrors, ...]:
    given = answers.given(project_id=project.pk, question=question.id, rows=rows).taught()
    if not 0 < len(given) <= LARGEST_FOR_SHARED:
        return ()
    votes = Votes.from_labels(
        given.place.tolist(),
        given.workers,
        given.values,
        voting=given.voting,
        known_labels=[label.name for label in question.labels],
    )
    return copying(DawidSkene().fit(votes))
