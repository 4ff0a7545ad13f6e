"""Builders: the smallest honest row of each kind, straight into the tables. Typed, no magic, no fixtures."""

from itertools import count
from typing import Any

from django.db import transaction

from crowd.kernel import clock
from crowd.ledger.models import Account
from crowd.ledger.services import accounts, posting
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.users import terms
from crowd.users.models import Membership, Organisation, TermsAcceptance, User
from crowd.users.states import Role
from qualifications.models import Grant, Qualification
from qualifications.states import System
from workers.models import PayoutProfile, Worker
from workers.services import payout_profile

_numbers = count(1)


def make_user(email: str = "", **fields: Any) -> User:
    """A login with the password "correct horse"."""
    return User.objects.create_user(email or f"person{next(_numbers)}@example.org", "correct horse", **fields)


def make_staff(email: str = "", **fields: Any) -> User:
    return make_user(email or f"staff{next(_numbers)}@example.org", is_staff=True, **fields)


def make_organisation(*, owner: User | None = None, name: str = "", members: tuple[User, ...] = ()) -> Organisation:
    organisation = Organisation.objects.create(name=name or f"Organisation {next(_numbers)}")
    Membership.objects.create(organisation=organisation, user=owner or make_user(), role=Role.OWNER)
    for member in members:
        Membership.objects.create(organisation=organisation, user=member, role=Role.MEMBER)
    return organisation


def make_worker(*, user: User | None = None, country: str = "DE", **fields: Any) -> Worker:
    """An active worker who joined just now, and agreed to what one agrees to."""
    fields = {"joined_at": clock.now()} | fields
    user = user or make_user(f"worker{next(_numbers)}@example.org")
    texts, now = [terms.current(one) for one in terms.AGREED], clock.now()
    agreed = [TermsAcceptance(user=user, document=it.document, version=it.version, accepted_at=now) for it in texts]
    TermsAcceptance.objects.bulk_create(agreed, ignore_conflicts=True)
    return Worker.objects.create(user=user, country=country, **fields)


def make_qualification(*, organisation: Organisation | None = None, name: str = "", **fields: Any) -> Qualification:
    """One of an organisation, or of the site."""
    return Qualification.objects.create(
        organisation=organisation, name=name or f"Qualification {next(_numbers)}", **fields
    )


def make_grant(qualification: Qualification, worker: Worker, **fields: Any) -> Grant:
    """Held for good, with the value 100, unless said otherwise."""
    fields = {"granted_at": clock.now()} | fields
    return Grant.objects.create(qualification=qualification, worker=worker, **fields)


def system_qualification(system: System) -> Qualification:
    """The migration made it; a test that flushes the database took it away."""
    return Qualification.objects.get_or_create(system=system, defaults={"name": str(system)})[0]


def make_money(holder: Organisation | Worker, micros: int, currency: str = "USD") -> Account:
    """Money from outside, as if deposited or earned long ago; returns the purse it is in."""
    kind = Holder.ORGANISATION if isinstance(holder, Organisation) else Holder.WORKER
    purse = accounts.open(holder=kind, holder_id=holder.pk, purpose=Purpose.AVAILABLE, currency=currency)
    outside = accounts.open(holder=Holder.OUTSIDE, purpose=Purpose.BANK, currency=currency)
    with transaction.atomic():
        made = posting.Posting(f"made:{next(_numbers)}", Kind.CORRECTION, outside, purse, micros)
        posting.post([made], now=clock.now())
    return purse


def make_fees(micros: int, currency: str = "USD") -> Account:
    """Fees that the site has earned."""
    fees = accounts.open(holder=Holder.PLATFORM, purpose=Purpose.FEES, currency=currency)
    outside = accounts.open(holder=Holder.OUTSIDE, purpose=Purpose.BANK, currency=currency)
    with transaction.atomic():
        posting.post(
            [posting.Posting(f"made:{next(_numbers)}", Kind.CORRECTION, outside, fees, micros)], now=clock.now()
        )
    return fees


def take_money(holder: Organisation | Worker, micros: int, currency: str = "USD") -> None:
    """Money out of the house, as if withdrawn."""
    kind = Holder.ORGANISATION if isinstance(holder, Organisation) else Holder.WORKER
    purse = accounts.open(holder=kind, holder_id=holder.pk, purpose=Purpose.AVAILABLE, currency=currency)
    outside = accounts.open(holder=Holder.OUTSIDE, purpose=Purpose.BANK, currency=currency)
    with transaction.atomic():
        made = posting.Posting(f"made:{next(_numbers)}", Kind.CORRECTION, purse, outside, micros)
        posting.post([made], now=clock.now())


PROFILE = {
    "legal_name": "Wanda Worker",
    "address": "Hauptstrasse 1\n10115 Berlin",
    "date_of_birth": "1990-12-31",
    "country": "DE",
    "method": "bank_transfer",
    "iban": "DE89 3704 0044 0532 0130 00",
}


def make_payout_profile(worker: Worker, **fields: str) -> PayoutProfile:
    """Filled in by the worker himself, through the service: it is encrypted."""
    return payout_profile.save(actor=worker.user, fields=PROFILE | fields)
