"""Who may work here. The first locks of everything that a worker does in a project are taken in this file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from crowd.assignments import eligibility, guidelines, policy, warned
from crowd.assignments.errors import (
    EnoughToday,
    NotEligible,
    ProjectNotOpen,
    QuizFull,
    TermsNotAgreed,
    WorkerStopped,
)
from crowd.assignments.models import Participation
from crowd.assignments.states import ParticipationState
from crowd.kernel import clock, locks, sql
from crowd.kernel.errors import NotFound
from crowd.projects.models import Project
from crowd.projects.states import ProjectState
from crowd.users import terms
from qualifications.states import Guard
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for
from workers.states import WorkerState

RING_PLACES = 2**31

# Advisory lock first, row lock last: the row's lock is taken by the plan's topmost node.
ENTER = f"""
SELECT crowd_now(), w.state, w.eligibility_version, w.time_percent, {sql.columns(Participation, "p")}
FROM (SELECT pg_advisory_xact_lock_shared(%(gate)s, (%(project)s::bigint & 2147483647)::int) OFFSET 0) AS gate,
     assignments_participation p JOIN workers_worker w ON w.id = p.worker_id
WHERE p.project_id = %(project)s AND p.worker_id = %(worker)s FOR NO KEY UPDATE OF p
"""

ENTER_BY_ASSIGNMENT = f"""
SELECT crowd_now(), w.state, w.eligibility_version, w.time_percent, {sql.columns(Participation, "p")}
FROM (SELECT project_id, worker_id, pg_advisory_xact_lock_shared(%(gate)s, (project_id & 2147483647)::int)
      FROM assignments_assignment WHERE id = %(assignment)s AND worker_id = %(worker)s OFFSET 0) AS a
JOIN assignments_participation p ON p.project_id = a.project_id AND p.worker_id = a.worker_id
JOIN workers_worker w ON w.id = p.worker_id FOR NO KEY UPDATE OF p
"""


@dataclass(frozen=True)
class Entry:
    """A worker inside a project's gate, his participation locked (None: he is new here), at the transaction's time.

    What is read after this is as it stands under the locks: closing a project takes the gate alone.
    """

    participation: Participation | None
    now: datetime
    worker_state: str
    worker_version: int  # of his eligibility
    time_percent: int = 100  # his deadlines, of everybody's
    is_new: bool = False  # he joined in this transaction
    ahead_id: int | None = None  # the assignment that is reserved for him, where somebody has looked
    locked: set[locks.Gate] = field(default_factory=set)  # what this transaction has locked in the project besides

    @property
    def inside(self) -> Participation:
        """The participation of somebody who has been admitted."""
        assert self.participation is not None
        return self.participation


def enter(*, project_id: int, worker_id: int) -> Entry:
    """Pass the project's gate (shared) and lock the worker's participation, in this order."""
    found = _entry(ENTER, project=project_id, worker=worker_id)
    if found is not None:
        return found
    locks.shared(locks.Gate.PROJECT, project_id)
    facts = Worker.objects.values_list("state", "eligibility_version", "time_percent").get(id=worker_id)
    return Entry(None, clock.now(), *facts)


def enter_by_assignment(*, assignment_id: int, worker_id: int) -> Entry:
    """The same from one of the worker's own assignments. Raises NotFound, also for somebody else's."""
    found = _entry(ENTER_BY_ASSIGNMENT, assignment=assignment_id, worker=worker_id)
    if found is None:
        raise NotFound
    return found


def enter_and_read(read: str, *, assignment_id: int, worker_id: int) -> tuple[Entry, sql.Row]:
    """The same, and the row that `read` finds of this %(assignment)s under these locks, in the same round trip."""
    asked = _asked(assignment=assignment_id, worker=worker_id)
    entered, found = sql.together((ENTER_BY_ASSIGNMENT, asked), (read, asked))
    if not entered:
        raise NotFound
    return _entry_of(entered[0]), found[0]


def _entry(statement: str, **parameters: int) -> Entry | None:
    found = sql.rows(statement, _asked(**parameters))
    return _entry_of(found[0]) if found else None


def _asked(**parameters: int) -> dict[str, int]:
    return {"gate": int(locks.Gate.PROJECT), **parameters}


def _entry_of(row: sql.Row) -> Entry:
    now, state, version, percent = row[:4]
    return Entry(sql.read(Participation, row, 4), now, state, version, percent)


def admit(
    entry: Entry, *, project: Project, worker: Worker, random: Random, guidelines_read: int | None = None
) -> Entry:
    """The same entry for a worker who may take a task now; with a participation of his own when he is new here.

    `guidelines_read`: the version of the guidelines that he confirms with this request. Raises ProjectNotOpen,
    WorkerStopped, EnoughToday, TermsNotAgreed, NotEligible, GuidelinesUnread, NotFound (hidden from him), QuizFull.
    """
    _check_open(project)
    if entry.worker_state != WorkerState.ACTIVE:
        raise WorkerStopped(state=entry.worker_state)
    participation = entry.participation
    if participation is not None:
        _check_not_paused(participation)
        if entry.ahead_id is None:  # else his next task is counted already
            _check_limit(participation, project)
    if project.content_warnings and not warned.seconds_left(worker.pk, entry.now):
        most = settings.CROWD_WARNED_MINUTES
        said = _("You have looked at content that is warned of for %(most)d minutes in 24 hours. Please rest from it.")
        raise EnoughToday(said % {"most": most}, minutes=most)
    checked = _check_eligible(entry, project, worker, guidelines_read)
    if participation is not None:
        return entry
    return _join(checked, project=project, worker=worker, now=entry.now, random=random)


def _check_open(project: Project) -> None:
    if project.state != ProjectState.OPEN:
        raise ProjectNotOpen(state=project.state, reason=project.pause_reason)


def _check_not_paused(participation: Participation) -> None:
    if participation.state == ParticipationState.PAUSED:
        raise WorkerStopped(
            _("You are paused on this project. %(reason)s") % {"reason": participation.pause_reason},
            state="paused",
            reason=participation.pause_reason,
            evidence=participation.pause_evidence,
        )


def _check_limit(participation: Participation, project: Project) -> None:
    limit = project.max_tasks_per_worker
    if limit is not None and participation.taken_count >= limit:
        raise NotEligible(_("You have done the %(limit)d tasks that one person may do here.") % {"limit": limit})


def _check_eligible(entry: Entry, project: Project, worker: Worker, guidelines_read: int | None) -> dict[str, Any]:
    """Checked once, then remembered until the terms, the guidelines, the project's requirements or the worker's
    standing change.

    What is to be remembered: of a new worker his row does not exist yet.
    """
    participation, now = entry.participation, entry.now
    warnings = len(project.content_warnings)  # they are only ever added
    versions = f"{project.requirements_version}:{project.guidelines_id or 0}:{entry.worker_version}"
    stamp = f"{versions}:{warnings}:{terms.stamp()}"
    if participation is not None and participation.eligible_for == stamp:
        until = participation.eligible_until
        if until is None or until > now:
            return {}
    if documents := terms.missing(worker.user):
        raise TermsNotAgreed(documents=list(documents))
    found = unmet(project=project, worker=worker, now=now)
    if participation is None and not found.allows(Guard.DISCOVER):
        raise NotFound  # he is not to know that it is there
    if found.lacking:
        raise NotEligible(" ".join(found.lacking), unmet=list(found.lacking))
    read = _check_guidelines(participation, project, guidelines_read)
    checked: dict[str, Any] = {"eligible_for": stamp, "eligible_until": found.valid_until, "tiers": found.tiers_met}
    checked["guidelines_read"] = read
    if participation is not None:
        for name, value in checked.items():
            setattr(participation, name, value)
        participation.save(update_fields=list(checked))
    return checked


def _check_guidelines(participation: Participation | None, project: Project, confirmed: int | None) -> int | None:
    """The version that he has read. Nobody is given a task, and scored, by words that he has not seen."""
    read = participation.guidelines_read if participation else None
    found = guidelines.unread(project, participation)
    if found is None:
        return read
    if confirmed != found.version.version:
        raise found.refusal()
    return confirmed


def unmet(*, project: Project, worker: Worker, now: datetime) -> eligibility.Standing:
    """What this worker lacks for this project; reads only. Blocks and private teams raise at once."""
    found = eligibility.standing(worker, project, now)
    if found.refusal is not None:
        raise found.refusal
    return found


def _join(checked: Mapping[str, Any], *, project: Project, worker: Worker, now: datetime, random: Random) -> Entry:
    owed = _reserve_quiz(project)
    Participation.objects.bulk_create(
        [
            Participation(
                project=project,
                worker=worker,
                joined_at=now,
                cursor=random.randrange(RING_PLACES),
                next_gold_at=policy.next_place(submitted=project.quiz_length, share=project.gold_share, random=random),
                next_repeat_at=policy.first_repeat(
                    quiz_length=project.quiz_length,
                    after=project.repeat_after,
                    share=project.repeat_share,
                    random=random,
                ),
                quiz_owed_micros=owed,
                **checked,
            )
        ],
        ignore_conflicts=True,  # his other request was first: both go on with the one row
    )
    pseudonym_for(project.organisation, worker)
    return replace(enter(project_id=project.id, worker_id=worker.id), is_new=True)


def _reserve_quiz(project: Project) -> int:
    """The price of a whole quiz, kept back for a new worker out of the gold reserve."""
    owed = project.quiz_length * project.price_micros
    if owed and gold_reserve_left(project) < owed:
        raise QuizFull
    return owed


def can_pay_gold(participation: Participation, project: Project) -> bool:
    """Whether one more gold task of his is paid for: by what is kept back for his quiz, or by what is left."""
    price = project.price_micros
    return price == 0 or participation.quiz_owed_micros >= price or gold_reserve_left(project) >= price


def lock_gold_reserve(entry: Entry, project_id: int) -> None:
    """What is read of it after this, and of the reserve for repeats, stays true to the end of the transaction.

    Whoever may want it, and changes a task before he knows, takes it first: nobody waits for it with a task in hand.
    """
    if locks.Gate.GOLD_RESERVE not in entry.locked:
        locks.exclusive(locks.Gate.GOLD_RESERVE, project_id)
        entry.locked.add(locks.Gate.GOLD_RESERVE)


def can_pay_repeat(project: Project) -> bool:
    """Whether the reserve for repeats pays for one more. Takes the lock that `lock_gold_reserve` takes."""
    if project.price_micros == 0:
        return True
    locks.exclusive(locks.Gate.GOLD_RESERVE, project.id)
    spent = Participation.objects.filter(project=project).aggregate(sum=Sum("repeat_spent_micros", default=0))["sum"]
    return project.repeat_reserve_micros - int(spent) >= project.price_micros


def gold_reserve_left(project: Project) -> int:
    """What is left of the gold reserve beside the quizzes that are owed. Takes the reserve's lock: held to the end."""
    locks.exclusive(locks.Gate.GOLD_RESERVE, project.id)
    return gold_reserve_now(project)


def gold_reserve_now(project: Project) -> int:
    """The same without the lock: for showing, not for spending."""
    sums = Participation.objects.filter(project=project).aggregate(
        spent=Sum("gold_spent_micros", default=0), owed=Sum("quiz_owed_micros", default=0)
    )
    return project.gold_reserve_micros - int(sums["spent"]) - int(sums["owed"])
