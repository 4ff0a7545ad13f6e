"""What a try at a test pays: once a worker, passed or not, out of money set aside for it.

An organisation's comes out of its available money, with the site's fee; the site's out of the site's own, without one.
The price of a try moves from the reserve to the attempt when it begins, is paid when it is handed in, and goes back
when its time runs out. A try that the reserve does not pay for is told to be unpaid before it begins. Whoever may add
to it is told when the last try that it pays for begins: once, until he adds. The row of the pay is locked after the
worker's; the accounts come last.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crowd.kernel import clock, money
from crowd.kernel.errors import BadInput, Conflict, NotAllowed
from crowd.ledger.models import Account
from crowd.ledger.services import accounts
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.notices.services.notify import notify_members, notify_staff
from crowd.users.access import is_member
from crowd.users.models import User
from crowd.users.services import audit
from qualifications.access import managed_qualification
from qualifications.models import Attempt, Qualification, TestPay
from qualifications.states import AttemptState
from workers.models import Worker

MOST_MICROS = 1_000 * money.MICROS  # of one try
MAX_KEY = 40
TERMS = ("currency", "reward_micros", "fee_micros", "reserve_micros")


@dataclass(frozen=True)
class Offer:
    """What a try of this worker would be paid now, or is paid that he has begun; 0: nothing, and `why` not."""

    micros: int
    currency: str
    why: str = ""


@dataclass(frozen=True)
class Promise:
    """What is frozen on an attempt: fields of the same names."""

    reward_micros: int = 0
    fee_micros: int = 0
    currency: str = ""


def set_pay(
    *, actor: User, qualification_id: int, currency: str, reward_micros: int, add_micros: int = 0, key: str = ""
) -> TestPay:
    """What each try pays from now on, the site's fee on top; tries under way keep what they were promised.

    `add_micros` more is set aside from the available money of the organisation, or of the site; `key` is the caller's
    and makes that happen once. Members may; of the site's tests, staff. Raises BadInput with `errors`, NotFound,
    NotAllowed, NotEnoughMoney, KeyConflict, Conflict (the currency changes while there is money in the other one).
    """
    _check(currency, reward_micros, add_micros, key)
    _open_purse(_own(actor, qualification_id), currency)
    with transaction.atomic(durable=True):
        qualification, now = _own(actor, qualification_id), clock.now()
        one = _lock_or_make(qualification, currency)
        before = {name: getattr(one, name) for name in TERMS}
        _change_currency(one, currency)
        one.reward_micros, one.fee_micros = reward_micros, _fee(qualification, reward_micros)
        added = _set_aside(one, add_micros, key, actor, now) if add_micros else 0
        one.reserve_micros += added
        one.told_at = None if added else one.told_at
        one.save()
        _record(actor, one, now, before)
    return one


def take_back(*, actor: User, qualification_id: int) -> int:
    """All that is set aside and promised to nobody returns to whom it came from; how much, in micros.

    Members may; of the site's tests, staff. Raises NotFound, NotAllowed.
    """
    with transaction.atomic(durable=True):
        qualification, now = _own(actor, qualification_id), clock.now()
        one = TestPay.objects.select_for_update(no_key=True).filter(qualification=qualification).first()
        if one is None or not one.reserve_micros:
            return 0
        before, back = {name: getattr(one, name) for name in TERMS}, one.reserve_micros
        key = f"test:{qualification.pk}:back:{now.isoformat()}"
        owner = _available(qualification, one.currency)
        put = partial(Posting, subject_ref=qualification.pk, actor=actor, reason=qualification.name)
        post(
            [put(key=key, kind=Kind.TEST_RELEASE, debit=_escrow(one), credit=owner, amount_micros=back)],
            now=now,
        )
        one.reserve_micros = 0
        one.save(update_fields=["reserve_micros"])
        _record(actor, one, now, before)
    return back


def offered(qualification: Qualification, worker: Worker) -> Offer | None:
    """None where the test is not paid at all."""
    running = _promised(qualification, worker).filter(state=AttemptState.ACTIVE).first()
    if running is not None:
        return Offer(running.reward_micros, running.currency)
    one = TestPay.objects.select_related("qualification__organisation").filter(qualification=qualification).first()
    return _offer(one, worker) if one is not None and one.reward_micros else None


def promise(qualification: Qualification, worker: Worker, *, now: datetime) -> Promise:
    """The price of a try that begins, out of the reserve. Inner: needs the worker's lock."""
    rows = TestPay.objects.select_for_update(no_key=True, of=("self",)).select_related("qualification__organisation")
    one = rows.filter(qualification=qualification, reward_micros__gt=0).first()
    if one is None or not _offer(one, worker).micros:
        return Promise()
    one.reserve_micros -= one.price_micros
    if not one.tries and one.told_at is None:
        _tell(one, now)
    one.save(update_fields=["reserve_micros", "told_at"])
    return Promise(one.reward_micros, one.fee_micros, one.currency)


def pay(attempt: Attempt, *, now: datetime) -> None:
    """What was promised for a try that is handed in, passed or not. Inner: needs the worker's lock."""
    if not attempt.reward_micros:
        return
    open_ = partial(accounts.open, currency=attempt.currency)
    escrow = open_(holder=Holder.TEST, holder_id=attempt.qualification_id, purpose=Purpose.ESCROW)
    purse = open_(holder=Holder.WORKER, holder_id=attempt.worker_id, purpose=Purpose.AVAILABLE)
    put, key = partial(Posting, debit=escrow, subject_ref=attempt.pk), f"attempt:{attempt.pk}"
    name, reward = attempt.qualification.name, attempt.reward_micros
    postings = [put(key=f"{key}:reward", kind=Kind.TEST_REWARD, credit=purse, amount_micros=reward, reason=name)]
    if fee := attempt.fee_micros:
        fees = open_(holder=Holder.PLATFORM, purpose=Purpose.FEES)
        postings.append(put(key=f"{key}:fee", kind=Kind.TEST_FEE, credit=fees, amount_micros=fee))
    post(postings, now=now)


def give_back(attempt: Attempt) -> None:
    """A try whose time is over is paid for no more: its price is free again. Inner: needs the worker's lock."""
    if attempt.reward_micros:
        one = TestPay.objects.select_for_update(no_key=True).get(qualification=attempt.qualification_id)
        one.reserve_micros += attempt.reward_micros + attempt.fee_micros
        one.save(update_fields=["reserve_micros"])


def _tell(one: TestPay, now: datetime) -> None:
    """Not again when a try that ran out of time is paid for anew: he knows."""
    qualification, data = one.qualification, {"name": one.qualification.name}
    if qualification.organisation is None:
        notify_staff(
            kind="site_test_reserve_used_up", data=data, link=f"/staff/qualifications/{qualification.pk}/", now=now
        )
    else:
        link = f"/requester/organisations/{qualification.organisation_id}/qualifications/{qualification.pk}/"
        notify_members(
            organisation=qualification.organisation, kind="test_reserve_used_up", data=data, link=link, now=now
        )
    one.told_at = now


def _offer(one: TestPay, worker: Worker) -> Offer:
    organisation = one.qualification.organisation
    if organisation is None and worker.user.is_staff:
        return Offer(0, one.currency, _("Staff are not paid for the site's tests."))
    if organisation is not None and is_member(worker.user, organisation):
        return Offer(0, one.currency, _("Members of the organisation are not paid for its tests."))
    if _promised(one.qualification, worker).filter(state=AttemptState.SUBMITTED).exists():
        return Offer(0, one.currency, _("One try is paid, and yours was."))
    if one.reserve_micros < one.price_micros:
        return Offer(0, one.currency, _("What was set aside for it is used up."))
    return Offer(one.reward_micros, one.currency)


def _promised(qualification: Qualification, worker: Worker) -> QuerySet[Attempt]:
    return Attempt.objects.filter(qualification=qualification, worker=worker, reward_micros__gt=0)


def _check(currency: str, reward_micros: int, add_micros: int, key: str) -> None:
    errors = {}
    money.check_currency(currency)
    if not 0 <= reward_micros <= MOST_MICROS:
        errors["reward_micros"] = _("A try pays from 0 to 1,000.")
    if not 0 <= add_micros <= money.MAX_MICROS:
        errors["add_micros"] = _("This amount is too large.")
    elif add_micros and not reward_micros:
        errors["add_micros"] = _("Where the reward is 0, no money is set aside.")
    if len(key) > MAX_KEY:
        errors["key"] = _("This key is too long.")
    if errors:
        raise BadInput(errors=errors)


def _own(actor: User, qualification_id: int) -> Qualification:
    """An organisation's money is its members' to move, not staff's; the site's is theirs."""
    found = managed_qualification(actor, qualification_id)
    if found.organisation is not None and not is_member(actor, found.organisation):
        raise NotAllowed(_("An organisation pays for its own tests, and only its members say so."))
    return found


def _open_purse(qualification: Qualification, currency: str) -> None:
    """By itself: where the site has nothing to pay with yet, its account stays, for a correction to fill."""
    if qualification.organisation_id is None:
        with transaction.atomic(durable=True):
            _available(qualification, currency)


def _fee(qualification: Qualification, reward_micros: int) -> int:
    """The site takes none from itself."""
    return money.fee(reward_micros, settings.CROWD_FEE_RATE) if qualification.organisation_id else 0


def _lock_or_make(qualification: Qualification, currency: str) -> TestPay:
    TestPay.objects.bulk_create(
        [TestPay(qualification=qualification, currency=currency)],
        ignore_conflicts=True,  # somebody else may make it now
    )
    rows = TestPay.objects.select_for_update(no_key=True, of=("self",)).select_related("qualification")
    return rows.get(qualification=qualification)


def _change_currency(one: TestPay, currency: str) -> None:
    if one.currency == currency:
        return
    running = Attempt.objects.filter(qualification=one.qualification_id, state=AttemptState.ACTIVE, reward_micros__gt=0)
    if one.reserve_micros or running.exists():
        raise Conflict(
            _("There is money in %(currency)s for this test: take it back first.") % {"currency": one.currency}
        )
    one.currency = currency


def _set_aside(one: TestPay, micros: int, key: str, actor: User, now: datetime) -> int:
    """What is new in the escrow; 0 when the key did it before."""
    posting = Posting(
        key=f"test:{one.qualification_id}:add:{key or uuid4().hex}",
        kind=Kind.TEST_RESERVE,
        debit=_available(one.qualification, one.currency),
        credit=_escrow(one),
        amount_micros=micros,
        subject_ref=one.qualification_id,
        reason=one.qualification.name,
        actor=actor,
    )
    return micros * post([posting], now=now)


def _available(qualification: Qualification, currency: str) -> Account:
    owner = qualification.organisation_id
    holder = Holder.ORGANISATION if owner else Holder.PLATFORM
    return accounts.open(holder=holder, holder_id=owner or 0, purpose=Purpose.AVAILABLE, currency=currency)


def _escrow(one: TestPay) -> Account:
    return accounts.open(
        holder=Holder.TEST, holder_id=one.qualification_id, purpose=Purpose.ESCROW, currency=one.currency
    )


def _record(actor: User, one: TestPay, now: datetime, before: dict[str, int | str]) -> None:
    audit.record(
        actor=actor,
        action="qualification.test_pay",
        subject=one.qualification,
        organisation=one.qualification.organisation,
        now=now,
        before=before,
        after={name: getattr(one, name) for name in TERMS},
    )
