"""Sending a batch: its file is built once, stored encrypted, and is the same bytes at every download."""

import hashlib
import json
from dataclasses import dataclass

from django.db import transaction

from crowd.kernel import clock, crypto
from crowd.payouts import access, providers
from crowd.payouts.errors import EmptyBatch, NoFile
from crowd.payouts.models import Batch, Payout
from crowd.payouts.providers import Line
from crowd.payouts.services import batches
from crowd.payouts.states import BATCH, BatchState, PayoutState
from crowd.users.access import require_staff
from crowd.users.models import User
from crowd.users.services import audit, person_keys
from crowd.users.states import KeyPurpose
from workers.payout_fields import Details


@dataclass(frozen=True)
class File:
    name: str
    content_type: str
    content: bytes
    sha256: str


def send(*, actor: User, batch_id: int) -> Batch:
    """Build the file of an approved batch; from now on its payouts are on their way. Raises WrongState, OwnPayout.

    State and file are one transaction: after a crash there is either nothing, and it is done again, or a file that
    every download gives again. Nothing leaves the house here: a person takes the file to the bank.
    """
    require_staff(actor)
    with transaction.atomic(durable=True):
        batch = access.lock_batch(batch_id)
        payouts = access.lock_payouts(batch=batch)
        access.require_not_own(actor, payouts)
        BATCH.check(batch.state, BatchState.SENT)
        if not payouts:
            raise EmptyBatch
        _store_file(batch, [line_of(payout) for payout in payouts])
        batch.state, batch.sent_at = BatchState.SENT, clock.now()
        batch.save(update_fields=["state", "sent_at", "file", "file_key", "file_sha256"])
        batches.move(payouts, PayoutState.SENT)
        facts = {"payouts": [payout.pk for payout in payouts], "sha256": batch.file_sha256}
        audit.record(actor=actor, action="send_batch", subject=batch, now=batch.sent_at, after=facts)
    return batch


def download(*, actor: User, batch_id: int) -> File:
    """The file of a sent batch, for staff who have no payout in it. Each download is in the audit log.

    Raises NotAllowed, NotFound, OwnPayout, NoFile.
    """
    require_staff(actor)
    with transaction.atomic(durable=True):
        batch = access.lock_batch(batch_id)
        access.require_not_own(actor, Payout.objects.select_related("worker").filter(batch=batch))
        if batch.file is None or batch.file_key is None:
            raise NoFile
        content = crypto.decrypt(bytes(batch.file_key), bytes(batch.file)).encode()
        audit.record(actor=actor, action="download_batch", subject=batch, now=clock.now())
    provider = providers.get(batch.provider)
    name = f"payouts-{batch.pk}.{provider.extension}"
    return File(name=name, content_type=provider.content_type, content=content, sha256=batch.file_sha256)


def reference(payout: Payout) -> str:
    """What the provider knows it by, and names in its results."""
    return f"P{payout.pk}"


def line_of(payout: Payout) -> Line:
    """What the provider is told. Raises crypto.Unreadable when the worker's key was destroyed."""
    key = person_keys.wrapped_key(payout.worker.user, KeyPurpose.PAYOUTS)
    details = Details(**json.loads(crypto.decrypt(key, bytes(payout.secret))))
    return Line(
        reference=reference(payout),
        name=details.legal_name,
        address=details.address,
        country=details.country,
        method=details.method,
        destination=details.destination,
        amount_micros=payout.amount_micros,
        currency=payout.currency,
    )


def _store_file(batch: Batch, lines: list[Line]) -> None:
    text = providers.get(batch.provider).build(lines)
    batch.file_key = crypto.new_wrapped_key()
    batch.file = crypto.encrypt(batch.file_key, text)
    batch.file_sha256 = hashlib.sha256(text.encode()).hexdigest()
