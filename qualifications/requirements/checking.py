"""What a worker lacks for a project, and how long that verdict stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qualifications import skills
from qualifications.models import Grant, SkillAccuracy
from qualifications.requirements.conditions import Condition, bundled, satisfied
from qualifications.requirements.sentences import either, sentence
from qualifications.states import GrantState, Guard, System
from workers.models import Worker

# Below so many decided answers the rate says nothing yet and counts as 100, so that one early rejection shuts no door
# (MTurk does the same). Who wants experience asks for accepted_count.
RATE_FROM = 100
ADULT_CONTENT = "sexual"  # as the content warnings of projects call it
SKILL_STANDS = timedelta(days=1)  # a skill fades a little every day: then it is looked at again


@dataclass(frozen=True)
class Miss:
    """A condition that does not hold, what the worker holds instead (None: nothing), and a sentence for him."""

    condition: Condition
    held: int | str | None
    sentence: str


@dataclass(frozen=True)
class Unmet:
    """A requirement that does not hold: one condition, or all the alternatives of a group."""

    misses: tuple[Miss, ...]

    @property
    def sentence(self) -> str:
        return either([miss.sentence for miss in self.misses])

    @property
    def guard(self) -> str:
        return self.misses[0].condition.guard


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

    def allows(self, guard: str) -> bool:
        """Whether the worker may do what that guard is about; whoever may not discover a project may not preview it."""
        return not any(_ORDER.index(one.guard) >= _ORDER.index(guard) for one in self.unmet)


_ORDER: list[str] = [Guard.ACCEPT, Guard.PREVIEW, Guard.DISCOVER]


@dataclass(frozen=True)
class Holdings:
    """What a worker holds, by qualification: read once for many projects."""

    grants: Mapping[int, Grant]
    skills: Mapping[int, SkillAccuracy]


@dataclass(frozen=True)
class _Held:
    value: int | str | None
    until: datetime | None = None  # from then on he holds nothing, or something else


def holdings(worker: Worker, conditions: Iterable[Condition]) -> Holdings:
    """What the conditions ask about. Two queries at most."""
    wanted = {condition.qualification for condition in conditions}
    granted = [one.pk for one in wanted if not one.measured]
    measured = [one.pk for one in wanted if one.system == System.ACCURACY]
    rows = Grant.objects.filter(worker=worker, qualification__in=granted, state=GrantState.GRANTED) if granted else ()
    known = SkillAccuracy.objects.filter(worker=worker, qualification__in=measured) if measured else ()
    return Holdings({one.qualification_id: one for one in rows}, {one.qualification_id: one for one in known})


def check(worker: Worker, conditions: Sequence[Condition], *, now: datetime, held: Holdings | None = None) -> Verdict:
    """Whether all requirements hold for the worker as he is now. `held` spares the queries."""
    held = held or holdings(worker, conditions)
    values = {one: _held(worker, one, held, now) for one in conditions}
    unmet = [
        Unmet(tuple(Miss(one, values[one].value, sentence(one, values[one].value)) for one in bundle))
        for bundle in bundled(conditions)
        if not any(satisfied(one, values[one].value) for one in bundle)
    ]
    changes = [_changes_at(worker, one, values[one], now) for one in conditions]
    return Verdict(tuple(unmet), _soonest(changes))


def _held(worker: Worker, condition: Condition, held: Holdings, now: datetime) -> _Held:
    wanted = condition.qualification
    if wanted.system == System.ACCURACY:
        known = held.skills.get(wanted.pk)
        return _Held(None) if known is None else _Held(skills.value(known, now), now + SKILL_STANDS)
    if wanted.measured:
        return _Held(_system_value(worker, wanted.system, now))
    grant = held.grants.get(wanted.pk)
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
    if system == System.ADULT:
        return int(ADULT_CONTENT in worker.shown_warnings)
    return worker.locale or None


def acceptance_rate(worker: Worker) -> int:
    """Accepted answers among the decided ones, in whole per cent, rounded down; 100 below RATE_FROM decided ones."""
    decided = worker.accepted_count + worker.rejected_count
    return 100 * worker.accepted_count // decided if decided >= RATE_FROM else 100


def _changes_at(worker: Worker, condition: Condition, held: _Held, now: datetime) -> datetime | None:
    """When time alone turns this condition from met to unmet or back."""
    if condition.qualification.system == System.ACCOUNT_AGE_DAYS:
        return _birthday(worker, condition, (now - worker.joined_at).days)
    if condition.qualification.system == System.ACCURACY:
        return held.until
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
