"""Topping workers up to the pay floor of a project, out of its reserve for that.

What is due to a worker is a sum over his accepted answers (`pay_floor`); it stands on his participation beside what of
it is paid, and never falls: nobody gives anything back because others became quicker. Each transfer's key names the sum
that it reaches, so that a job run twice, or by two at once, pays once. All is done under the lock of the project's row.

Where the reserve and the surplus do not do, the project rests, its requester and staff are told what is missing, and
what is owed is paid as soon as it is there. Closing pays it first, out of all that is left.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import F, Max, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from crowd.assignments import pay_floor
from crowd.assignments.models import Assignment, Participation, Rejection
from crowd.assignments.pay_floor import Measured
from crowd.assignments.states import AssignmentState, RejectionState
from crowd.kernel import clock, money
from crowd.ledger.models import Transfer
from crowd.ledger.services import accounts
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.notices.services.notify import notify_members, notify_staff
from crowd.projects.models import Project
from crowd.projects.services import reserves
from crowd.projects.services.record import record
from crowd.projects.states import ProjectState
from workers.models import Worker

CHUNK = 1000
LEAST_MICROS = money.MICROS // 100  # less waits until there is more of it, or until the project closes

# What the site repaid once the project was closed has no top-up: the reserve is kept for those whose reward is held.
DUE = """
UPDATE assignments_participation p SET top_up_due_micros = due.micros
FROM (
    SELECT a.worker_id, sum(greatest(m.each - a.reward_micros, 0)) AS micros
    FROM assignments_assignment a
    JOIN unnest(%(tiers)s::int[], %(rewards)s::bigint[], %(each)s::bigint[]) AS m(tier, reward, each)
        ON m.tier = a.tier AND m.reward = a.reward_micros - a.rework_reward_micros
    WHERE a.project_id = %(project)s AND a.state = 'accepted' AND NOT a.for_review
      AND NOT (a.decided_at >= coalesce(%(closed)s::timestamptz, 'infinity') AND EXISTS (
          SELECT FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_id
          WHERE t.key = 'assignment:' || a.id || ':' || a.attempt || ':reward' AND d.holder = 'platform'))
    GROUP BY a.worker_id
) due
WHERE p.project_id = %(project)s AND p.worker_id = due.worker_id AND due.micros > p.top_up_due_micros
"""
COST = """
SELECT coalesce(sum(owed + ceil(owed * %(rate)s::numeric)), 0)::bigint
FROM (SELECT top_up_due_micros - topped_up_micros AS owed FROM assignments_participation
      WHERE project_id = %(project)s AND top_up_due_micros - topped_up_micros >= %(least)s) one
"""


def due_for_looking() -> list[int]:
    """Projects with a floor that run, and closed ones that hold something for who appeals."""
    floored = Project.objects.filter(pay_floor_micros__gt=0)
    kept = floored.filter(state=ProjectState.CLOSED, floor_reserve_micros__gt=0)
    return list((floored.filter(state__in=reserves.WORKING) | kept).order_by("id").values_list("id", flat=True))


def top_up(project_id: int) -> int:
    """Measure, and pay what the reserve holds; the number of transfers to workers. Can be repeated at any point."""
    project = Project.objects.filter(id=project_id, pay_floor_micros__gt=0).first()
    if project is None:
        return 0
    if project.state == ProjectState.CLOSED:
        return _after_closing(project_id)
    _measure(project, final=False)
    return _pay_all(project_id)


def prepare_closing(project_id: int) -> None:
    """Before a project is closed: the last measure, with the expected time where there are too few answers."""
    project = Project.objects.filter(id=project_id, pay_floor_micros__gt=0).first()
    if project is not None:
        _measure(project, final=True)
        _pay_all(project_id)


def pay_last(project: Project, *, rest_micros: int, now: datetime) -> bool:
    """Pay all that is still owed out of what is left in escrow; False, and the requester told, where it does not do.

    Inner: needs the project's lock; the reserves' columns are the caller's, who empties them.
    """
    cost = _cost(project, least=1)
    if cost > rest_micros:
        _tell_missing(project, cost - rest_micros, now)
        return False
    _pay(project, _owed(project.pk), now)
    return True


def is_short(project: Project, *, rest_micros: int) -> bool:
    """Whether what is left in escrow does not pay all that is known to be owed."""
    return _cost(project, least=1) > rest_micros


def held_micros(project: Project) -> int:
    """What a closed project keeps for rejected answers whose reward is still held: one may yet be accepted."""
    each = {(one.tier, one.reward_micros): one.each_micros for one in pay_floor.known(project)}
    held = Rejection.objects.filter(project_id=project.pk, state=RejectionState.HELD).select_related("assignment")
    answers = [one.assignment for one in held]
    owed = [max(each.get((a.tier, a.reward_micros - a.rework_reward_micros), 0) - a.reward_micros, 0) for a in answers]
    return sum(one + money.fee(one, project.fee_rate) for one in owed)


def _measure(project: Project, *, final: bool) -> None:
    seen = _seen(project)
    if not final and seen == project.floor_measured.get("seen"):
        return  # nothing was accepted since, and a long sum need not be made again
    measured = pay_floor.measure(project, final=final)  # before anything is locked
    with transaction.atomic(durable=True):
        locked = reserves.lock(project.pk)
        if locked.state not in reserves.WORKING:
            return
        locked.floor_measured = pay_floor.kept(measured) | {"seen": seen}
        locked.save(update_fields=["floor_measured"])
        _write_due(locked, measured)


def _seen(project: Project) -> list[int]:
    """What changes when an answer is accepted (its reward left the escrow) or the floor is raised; quickly asked.

    A reward whose transfer commits after a later one's is seen with the next, at the latest when the project closes.
    """
    left = Transfer.objects.filter(debit=reserves.escrow(project)).aggregate(last=Max("id", default=0))["last"]
    return [left, project.pay_floor_micros]


def _write_due(project: Project, measured: Sequence[Measured]) -> None:
    columns = {
        "tiers": [one.tier for one in measured],
        "rewards": [one.reward_micros for one in measured],
        "each": [one.each_micros for one in measured],
    }
    with connection.cursor() as cursor:
        cursor.execute(DUE, columns | {"project": project.pk, "closed": project.closed_at})


def _pay_all(project_id: int) -> int:
    number = 0
    while paid := _pay_some(project_id):
        number += paid
    return number


def _pay_some(project_id: int) -> int:
    with transaction.atomic(durable=True):
        project, now = reserves.lock(project_id), clock.now()
        if project.state not in reserves.WORKING:
            return 0
        chosen = _affordable(project, _owed(project_id, LEAST_MICROS)[:CHUNK])
        spent = _pay(project, chosen, now)
        from_surplus = max(spent - project.floor_reserve_micros, 0)
        project.floor_reserve_micros -= spent - from_surplus
        project.surplus_micros -= from_surplus
        project.save(update_fields=["floor_reserve_micros", "surplus_micros"])
        if project.state != ProjectState.CLOSING:  # which finds more than these two to pay from
            funds = project.floor_reserve_micros + project.surplus_micros
            _tell_missing(project, max(_cost(project, LEAST_MICROS) - funds, 0), now)
        return len(chosen)


def _after_closing(project_id: int) -> int:
    """An appeal may have accepted an answer since. When none is open any more, the rest returns."""
    with transaction.atomic(durable=True):
        project, now = reserves.lock(project_id), clock.now()
        _write_due(project, pay_floor.known(project))
        chosen = _affordable(project, _owed(project_id))
        project.floor_reserve_micros -= _pay(project, chosen, now)
        waiting = Rejection.objects.filter(project_id=project_id, state=RejectionState.HELD).exists()
        if project.floor_reserve_micros and not waiting:
            key = f"project:{project_id}:floor"
            reserves.return_to_owner(project, project.floor_reserve_micros, key=key, now=now)
            project.floor_reserve_micros = 0
        project.save(update_fields=["floor_reserve_micros"])
        return len(chosen)


def _owed(project_id: int, least: int = 1) -> QuerySet[Participation]:
    rows = Participation.objects.filter(project_id=project_id, top_up_due_micros__gt=F("topped_up_micros"))
    rows = rows.filter(top_up_due_micros__gte=F("topped_up_micros") + least)
    return rows.select_related("worker__user").select_for_update(of=("self",), no_key=True).order_by("id")


def _cost(project: Project, least: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COST, {"project": project.pk, "rate": project.fee_rate, "least": least})
        (micros,) = cursor.fetchone()
    return int(micros)


def _affordable(project: Project, rows: Iterable[Participation]) -> list[Participation]:
    """In the order of joining, whoever the money still does for."""
    left = project.floor_reserve_micros
    left += project.surplus_micros if project.state in reserves.WORKING else 0
    chosen = []
    for one in rows:
        owed = one.top_up_due_micros - one.topped_up_micros
        cost = owed + money.fee(owed, project.fee_rate)
        if cost <= left:
            chosen.append(one)
            left -= cost
    return chosen


def _pay(project: Project, rows: Iterable[Participation], now: datetime) -> int:
    """What it took, fees included."""
    found = list(rows)
    if not found:
        return 0
    purses = accounts.open_many(
        holder=Holder.WORKER,
        holder_ids={one.worker_id for one in found},
        purpose=Purpose.AVAILABLE,
        currency=project.currency,
    )
    fees = accounts.open(holder=Holder.PLATFORM, purpose=Purpose.FEES, currency=project.currency)
    share = partial(Posting, debit=reserves.escrow(project), project_ref=project.pk)
    postings, words = [], _Words(project, [one.worker_id for one in found])
    for one in found:
        owed, key = one.top_up_due_micros - one.topped_up_micros, f"participation:{one.pk}:top_up"
        put, reason = partial(share, subject_ref=one.pk), words.to(one.worker)
        key = f"{key}:{one.top_up_due_micros}"
        to = purses[one.worker_id]
        postings.append(put(key=key, kind=Kind.TOP_UP, credit=to, amount_micros=owed, reason=reason))
        if fee := money.fee(owed, project.fee_rate):
            postings.append(put(key=f"{key}:fee", kind=Kind.TOP_UP_FEE, credit=fees, amount_micros=fee))
        one.topped_up_micros = one.top_up_due_micros
    post(postings, now=now)
    Participation.objects.bulk_update(found, ["topped_up_micros"], batch_size=CHUNK)
    return sum(one.amount_micros for one in postings)


def _tell_missing(project: Project, missing: int, now: datetime) -> None:
    """Remember what is missing; an open project rests. Its requester and staff are told when it begins."""
    begins = missing > 0 and project.floor_missing_micros == 0
    project.floor_missing_micros = missing
    project.save(update_fields=["floor_missing_micros"])
    if missing and project.state == ProjectState.OPEN:
        reason = _("The reserve for the pay floor is used up; what workers are owed comes first.")
        project.state, project.pause_reason = ProjectState.PAUSED, reason
        project.save(update_fields=["state", "pause_reason"])
        record(None, project, "project.pause", now=now, after={"missing_micros": missing}, reason=reason)
    if begins:
        data = {"project": project.title, "amount_micros": missing, "currency": project.currency}
        link = f"/requester/projects/{project.pk}/money/"
        notify_members(organisation=project.organisation, kind="floor_missing", data=data, link=link, now=now)
        notify_staff(kind="floor_missing_at", data=data, link=f"/staff/projects/{project.pk}/", now=now)


class _Words:
    """Why somebody is topped up, with the figures of what he answered, in his language."""

    def __init__(self, project: Project, worker_ids: Sequence[int]) -> None:
        self.project = project
        self.due = [one for one in pay_floor.known(project) if one.top_up_micros]
        given = Assignment.objects.filter(project_id=project.pk, worker__in=worker_ids, state=AssignmentState.ACCEPTED)
        given = given.filter(for_review=False).annotate(own=F("reward_micros") - F("rework_reward_micros"))
        self.given = set(given.values_list("worker_id", "tier", "own").distinct()) if len(self.due) > 1 else set()

    def to(self, worker: Worker) -> str:
        only = len(self.due) == 1
        with translation.override(worker.user.language):
            lines = [
                self._line(one) for one in self.due if only or (worker.pk, one.tier, one.reward_micros) in self.given
            ]
        return " ".join(lines)

    def _line(self, one: Measured) -> str:
        currency = self.project.currency
        return _(
            "At least %(floor)s an hour: an answer takes %(seconds)s s, so it pays %(each)s instead of %(reward)s."
        ) % {
            "floor": money.text(self.project.pay_floor_micros, currency),
            "seconds": round(one.seconds, 1),
            "each": money.text(one.each_micros, currency),
            "reward": money.text(one.reward_micros, currency),
        }
