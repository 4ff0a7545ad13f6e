"""Keeping what is measured of workers' skills; the counting is done above, where answers are (`assignments`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from qualifications import skills
from qualifications.models import BroughtRecord, Qualification, SkillAccuracy
from qualifications.states import System
from workers.models import Worker
from workers.services.eligibility import bump

Pair = tuple[float, float]  # right, wrong
NOTHING: Pair = (0.0, 0.0)
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
    ours = {(one.worker_id, one.kind): (one.right, one.wrong) for one in counted}
    theirs = _brought(worker_ids, as_of)
    pairs = sorted(ours.keys() | theirs.keys())
    kinds = {kind: _qualification(kind) for kind in sorted({kind for _worker, kind in pairs})}
    fresh = [
        _row(worker, kinds[kind], ours.get((worker, kind)), theirs.get((worker, kind)), as_of) for worker, kind in pairs
    ]
    old.delete()
    SkillAccuracy.objects.bulk_create(fresh)
    changed = {worker_id for worker_id, _skill, _value in before ^ _values(fresh, as_of)}
    bump(changed)
    return len(changed)


def add_brought(worker: Worker, *, now: datetime) -> None:
    """After a record was brought: the same with what is known of the worker's own answers. Inner; needs his lock."""
    own = SkillAccuracy.objects.filter(worker=worker).select_related("qualification")
    left = [(one, skills.weight(now - one.as_of)) for one in own]
    counted = [
        Counted(worker_id=worker.pk, kind=one.qualification.subject, right=one.right * part, wrong=one.wrong * part)
        for one, part in left
        if one.right + one.wrong > 0
    ]
    keep(counted, worker_ids=[worker.pk], as_of=now)


def _row(
    worker_id: int, skill: Qualification, ours: Pair | None, theirs: Pair | None, as_of: datetime
) -> SkillAccuracy:
    (right, wrong), (brought_right, brought_wrong) = ours or NOTHING, theirs or NOTHING
    return SkillAccuracy(
        worker_id=worker_id,
        qualification=skill,
        right=right,
        wrong=wrong,
        brought_right=brought_right,
        brought_wrong=brought_wrong,
        as_of=as_of,
    )


def _brought(worker_ids: Sequence[int], now: datetime) -> dict[tuple[int, str], Pair]:
    """By worker and kind of work: from all sites together."""
    found: dict[tuple[int, str], Pair] = {}
    for record in BroughtRecord.objects.filter(worker__in=worker_ids).order_by("pk"):
        for one in record.skills:
            age = now - datetime.fromisoformat(one["as_of"])
            right, wrong = skills.brought(one["right"], one["wrong"], age)
            before = found.get((record.worker_id, one["kind"]), NOTHING)
            found[record.worker_id, one["kind"]] = (before[0] + right, before[1] + wrong)
    return found


def _values(rows: Iterable[SkillAccuracy], now: datetime) -> set[tuple[int, int, int]]:
    found = ((one.worker_id, one.qualification_id, skills.value(one, now)) for one in rows)
    return {(worker_id, skill, value) for worker_id, skill, value in found if value is not None}


def _qualification(kind: str) -> Qualification:
    """The skill of a kind of work; there from the first known answer of that kind on."""
    defaults = {"name": f"Accuracy: {kind}", "description": DESCRIPTION}
    found, _made = Qualification.objects.get_or_create(system=System.ACCURACY, subject=kind, defaults=defaults)
    return found
