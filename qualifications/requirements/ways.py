"""How a worker gets what he lacks: told to him beside the refusal, where there is a way at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from qualifications import skills
from qualifications.models import Grant, Qualification, Test
from qualifications.requirements.checking import Miss, Unmet
from qualifications.requirements.conditions import Condition, satisfied
from qualifications.states import Asking, Comparator, GrantState, System
from workers.models import Worker


class Kind(TextChoices):
    """What the worker can do about it; programs and pages know where that is done."""

    TEST = "test", "take the test of the qualification"
    ASK = "ask", "ask for the qualification"
    PROFILE = "profile", "tell where you live, or which content you agree to see"
    WORK = "work", "work on other projects"
    WAIT = "wait", "it comes with time"
    HAND = "hand", "whoever gives it decides by himself"
    NONE = "none", "there is nothing to be done"


@dataclass(frozen=True)
class Way:
    """What to do about one missing qualification."""

    kind: str
    qualification: Qualification
    sentence: str


def ways(worker: Worker, unmet: Iterable[Unmet]) -> list[Way]:
    """One for each missing qualification. Two queries at most: for telling, not for every take."""
    misses = {miss.condition.qualification.pk: miss for one in unmet for miss in one.misses}
    granted = [pk for pk, miss in misses.items() if not miss.condition.qualification.measured]
    revoked = Grant.objects.filter(worker=worker, qualification__in=granted, state=GrantState.REVOKED)
    lost = dict(revoked.values_list("qualification", "reason")) if granted else {}
    tested = set(Test.objects.filter(qualification__in=granted).values_list("qualification", flat=True))
    return [_way(miss, worker, lost.get(pk), tested=pk in tested) for pk, miss in misses.items()]


def _way(miss: Miss, worker: Worker, lost: str | None, *, tested: bool) -> Way:
    wanted = miss.condition.qualification
    if wanted.measured:
        return Way(*_measured(miss, worker))
    if lost is not None:
        return Way(Kind.NONE, wanted, _("“%(name)s” was taken back from you: %(why)s") % _facts(wanted, why=lost))
    if not _may_rise(miss.condition, miss.held):
        return Way(Kind.NONE, wanted, _("This project is for people without “%(name)s”.") % _facts(wanted))
    if tested and wanted.active and miss.held is None:
        return Way(Kind.TEST, wanted, _("Take the test of “%(name)s”.") % _facts(wanted))
    if wanted.asking and wanted.active and miss.held is None:
        says = _("Show a document for “%(name)s”.") if wanted.asking == Asking.DOCUMENT else _("Ask for “%(name)s”.")
        return Way(Kind.ASK, wanted, says % _facts(wanted))
    by = wanted.organisation.name if wanted.organisation else _("this site")
    return Way(Kind.HAND, wanted, _("“%(name)s” is given by hand, by %(by)s.") % _facts(wanted, by=by))


def _measured(miss: Miss, worker: Worker) -> tuple[str, Qualification, str]:
    wanted = miss.condition.qualification
    if wanted.system == System.ADULT:
        return Kind.PROFILE, wanted, _("Choose in “About me” which content you agree to see.")
    if wanted.system == System.LOCALE:
        if miss.held is None:
            return Kind.PROFILE, wanted, _("Fill in your country in “About me”.")
        return Kind.NONE, wanted, _("There is other work for where you live.")
    if not _may_rise(miss.condition, miss.held):
        return Kind.NONE, wanted, _("This project is for people with less experience.")
    if wanted.system == System.ACCOUNT_AGE_DAYS:
        return Kind.WAIT, wanted, _when(miss.condition, worker)
    if wanted.system == System.ACCURACY:
        says = _("“%(name)s” is measured in other projects of its kind, from %(few)s known answers on.")
        return Kind.WORK, wanted, says % _facts(wanted, few=int(skills.FEW))
    return Kind.WORK, wanted, _("Every accepted answer in other projects counts for “%(name)s”.") % _facts(wanted)


def _when(condition: Condition, worker: Worker) -> str:
    days = {value + step for value in condition.values for step in (0, 1)}
    first = min((day for day in days if satisfied(condition, day)), default=0)
    when = worker.joined_at + timedelta(days=first)
    return _("You have been here long enough on %(date)s.") % {"date": f"{when:%Y-%m-%d}"}


def _may_rise(condition: Condition, held: int | str | None) -> bool:
    """Whether holding more would help."""
    if condition.comparator == Comparator.DOES_NOT_EXIST:
        return False
    least = -1 if held is None else int(held)
    values = {value + step for value in condition.values for step in (0, 1)} | {least + 1, 100}
    return any(value > least and satisfied(condition, value) for value in values)


def _facts(wanted: Qualification, **more: object) -> dict[str, object]:
    return {"name": wanted.name} | more
