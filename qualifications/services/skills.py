"""Keeping what is measured of workers' skills; the counting is done above, where answers are (`assignments`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from qualifications import skills
from qualifications.models import Qualification, SkillAccuracy
from qualifications.states import System
from workers.models import Worker
from workers.services.eligibility import bump

DESCRIPTION = "Known answers of this kind of work that were right, in per cent; older ones count less."


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Known answers of one worker in one kind of work, each weighted by its age."""

    worker_id: int
    kind: str
    right: float
    wrong: float


def keep(counted: Iterable[Counted], *, worker_ids: Sequence[int], as_of: datetime) -> int:
    """Replace what is known of these workers; how many of them got another value somewhere. Inner.

    Locks the Worker rows in the order of their ids, and raises the eligibility version where a value changed.
    """
    rows = Worker.objects.filter(pk__in=worker_ids).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk", flat=True))
    old = SkillAccuracy.objects.filter(worker__in=worker_ids)
    before = _values(old, as_of)
    counted = list(counted)
    kinds = {kind: _qualification(kind) for kind in sorted({one.kind for one in counted})}
    fresh = [
        SkillAccuracy(
            worker_id=one.worker_id, qualification=kinds[one.kind], right=one.right, wrong=one.wrong, as_of=as_of
        )
        for one in counted
    ]
    old.delete()
    SkillAccuracy.objects.bulk_create(fresh)
    changed = {worker_id for worker_id, _skill, _value in before ^ _values(fresh, as_of)}
    bump(changed)
    return len(changed)


def _values(rows: Iterable[SkillAccuracy], now: datetime) -> set[tuple[int, int, int]]:
    found = ((one.worker_id, one.qualification_id, skills.value(one, now)) for one in rows)
    return {(worker_id, skill, value) for worker_id, skill, value in found if value is not None}


def _qualification(kind: str) -> Qualification:
    """The skill of a kind of work; there from the first known answer of that kind on."""
    defaults = {"name": f"Accuracy: {kind}", "description": DESCRIPTION}
    found, _made = Qualification.objects.get_or_create(system=System.ACCURACY, subject=kind, defaults=defaults)
    return found
