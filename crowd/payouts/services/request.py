"""A worker asks for his money."""

import json
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock, crypto, money
from crowd.kernel.errors import BadInput
from crowd.ledger import queries
from crowd.ledger.errors import NotEnoughMoney, NoTestMoney
from crowd.ledger.services import accounts
from crowd.payouts.errors import BelowMinimum, NoPayoutProfile, PayoutsHeld
from crowd.payouts.models import Payout
from crowd.payouts.services import moving
from crowd.users.models import User
from crowd.users.services import audit, person_keys
from crowd.users.states import KeyPurpose
from workers.access import worker_for
from workers.models import PayoutProfile, Worker
from workers.services import payout_profile
from workers.states import WorkerState


def request(*, actor: User, currency: str, amount_micros: int | None = None) -> Payout:
    """Ask for `amount_micros`, or (None) for as much as whole coins can carry; it leaves the purse at once.

    For a worker in whatever state: paused, blocked and closed ones too. A closed one may go below the minimum.
    Raises NotAllowed, NoTestMoney, BadInput, NoPayoutProfile, PayoutsHeld, BelowMinimum, NotEnoughMoney.
    """
    if money.check_currency(currency) == money.TEST_CURRENCY:
        raise NoTestMoney
    with transaction.atomic(durable=True):
        worker = payout_profile.lock(worker_for(actor).pk)
        now = clock.now()
        profile = _profile(worker, now)
        amount = _amount(worker, currency, amount_micros)
        payout = _create(worker, profile, amount, currency, now)
        moving.take(payout, actor=actor, now=now)
        after = {"amount_micros": amount, "currency": currency}
        audit.record(actor=actor, action="request_payout", subject=payout, now=now, after=after)
    return payout


def minimum(worker: Worker, currency: str) -> int:
    """The smallest payout in micros; whoever has closed his account may take the last coin with him."""
    coin: int = money.MICROS // 10 ** money.minor_digits(currency)
    if worker.state == WorkerState.CLOSED:
        return coin
    smallest: int = money.parse(settings.CROWD_PAYOUT_MINIMUM)
    return max(coin, smallest)


def _profile(worker: Worker, now: datetime) -> PayoutProfile:
    profile = PayoutProfile.objects.select_related("worker__user").filter(worker=worker).first()
    if profile is None:
        raise NoPayoutProfile
    if profile.held_until is not None and profile.held_until > now:
        message = _("Your payout details were changed lately: payouts wait until %(until)s (UTC).") % {
            "until": f"{profile.held_until:%Y-%m-%d %H:%M}"
        }
        raise PayoutsHeld(message, until=profile.held_until.isoformat())
    return profile


def _amount(worker: Worker, currency: str, wanted: int | None) -> int:
    """Checked under the purse's lock, which `post` would take in a moment anyway."""
    purse = moving.purse(worker.pk, currency)
    accounts.lock([purse.pk])
    available = queries.balance(purse)
    amount = money.whole_minor(available, currency) if wanted is None else wanted
    if wanted is not None and (wanted <= 0 or money.whole_minor(wanted, currency) != wanted):
        raise BadInput(errors={"amount": _("Only whole coins can be paid out; the rest stays yours.")})
    if amount > available:
        raise NotEnoughMoney(available_micros=available, wanted_micros=amount, currency=currency)
    if amount < (least := minimum(worker, currency)):
        message = _("The smallest payout is %(least)s.") % {"least": money.text(least, currency)}
        payable = money.whole_minor(available, currency)
        raise BelowMinimum(message, minimum_micros=least, payable_micros=payable, currency=currency)
    return amount


def _create(worker: Worker, profile: PayoutProfile, amount: int, currency: str, now: datetime) -> Payout:
    """With the details as they are now: what is changed later changes no payout that was asked for before.

    They are kept under the key for payouts: the law may want these records longer than the account lasts.
    """
    key = person_keys.wrapped_key(worker.user, KeyPurpose.PAYOUTS)
    return Payout.objects.create(
        worker=worker,
        amount_micros=amount,
        currency=currency,
        method=profile.method,
        secret=crypto.encrypt(key, json.dumps(asdict(payout_profile.read(profile)))),
        masked=profile.masked,
        requested_at=now,
    )
