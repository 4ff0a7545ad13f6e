"""What a worker lacks for a project, and how long that verdict stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qualifications.models import Grant
from qualifications.requirements.conditions import Condition, satisfied
from qualifications.requirements.sentences import sentence
from qualifications.states import GrantState, System
from workers.models import Worker

# Below so many decided answers the rate says nothing yet and counts as 100, so that one early rejection shuts no door
# (MTurk does the same). Who wants experience asks for accepted_count.
RATE_FROM = 100


@dataclass(frozen=True)
class Unmet:
    """A condition that does not hold, what the worker holds instead (None: nothing), and a sentence for him."""

    condition: Condition
    held: int | str | None
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """`valid_until`: when the mere passing of time changes a condition; None if it never does.

    Everything else that can change a verdict raises the worker's eligibility_version.
    """

    unmet: tuple[Unmet, ...]
    valid_until: datetime | None

    @property
    def met(self) -> bool:
        return not self.unmet


@dataclass(frozen=True)
class _Held:
    value: int | str | None
    until: datetime | None = None  # from then on he holds nothing


def check(worker: Worker, conditions: Sequence[Condition], *, now: datetime) -> Verdict:
    """Whether all conditions hold for the worker as he is now. One query at most."""
    grants = _grants(worker, conditions)
    held = [_held(worker, condition, grants, now) for condition in conditions]
    unmet = [
        Unmet(condition, mine.value, sentence(condition, mine.value))
        for condition, mine in zip(conditions, held, strict=True)
        if not satisfied(condition, mine.value)
    ]
    changes = [_changes_at(worker, one, mine, now) for one, mine in zip(conditions, held, strict=True)]
    return Verdict(tuple(unmet), _soonest(changes))


def _grants(worker: Worker, conditions: Iterable[Condition]) -> dict[int, Grant]:
    wanted = {condition.qualification.pk for condition in conditions if not condition.qualification.system}
    if not wanted:
        return {}
    rows = Grant.objects.filter(worker=worker, qualification__in=wanted, state=GrantState.GRANTED)
    return {grant.qualification_id: grant for grant in rows}


def _held(worker: Worker, condition: Condition, grants: Mapping[int, Grant], now: datetime) -> _Held:
    if condition.qualification.system:
        return _Held(_system_value(worker, condition.qualification.system, now))
    grant = grants.get(condition.qualification.pk)
    if grant is None or (grant.expires_at is not None and grant.expires_at <= now):
        return _Held(None)
    return _Held(grant.value, grant.expires_at)


def _system_value(worker: Worker, system: str, now: datetime) -> int | str | None:
    if system == System.ACCEPTED_COUNT:
        return worker.accepted_count
    if system == System.ACCEPTANCE_RATE:
        return acceptance_rate(worker)
    if system == System.ACCOUNT_AGE_DAYS:
        return (now - worker.joined_at).days
    return worker.locale or None


def acceptance_rate(worker: Worker) -> int:
    """Accepted answers among the decided ones, in whole per cent, rounded down; 100 below RATE_FROM decided ones."""
    decided = worker.accepted_count + worker.rejected_count
    return 100 * worker.accepted_count // decided if decided >= RATE_FROM else 100


def _changes_at(worker: Worker, condition: Condition, held: _Held, now: datetime) -> datetime | None:
    """When time alone turns this condition from met to unmet or back."""
    if condition.qualification.system == System.ACCOUNT_AGE_DAYS:
        return _birthday(worker, condition, (now - worker.joined_at).days)
    if held.until is not None and satisfied(condition, held.value) != satisfied(condition, None):
        return held.until
    return None


def _birthday(worker: Worker, condition: Condition, age: int) -> datetime | None:
    """Age in days only grows, and a comparison can only turn at one of its values or the day after it."""
    today = satisfied(condition, age)
    turns = sorted({day for value in condition.values for day in (value, value + 1) if day > age})
    turning = next((day for day in turns if satisfied(condition, day) != today), None)
    return None if turning is None else worker.joined_at + timedelta(days=turning)


def _soonest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
