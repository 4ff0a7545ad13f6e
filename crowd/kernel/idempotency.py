"""A POST with an Idempotency-Key happens once, however often it is sent.

What must not come apart is the deed and the memory of it. Services open their own durable transaction, so the response
cannot be stored inside it; but one line of the record can be written there, by whoever runs the first statement of
that transaction. Hence three steps:

1. `begin` inserts the record in a transaction of its own. A second request with the key is told to wait (InProgress).
2. While the service runs, `applying` writes `applied_at` into the record as the first act of the service's transaction:
   deed and mark are committed together or not at all.
3. `finish` stores the response. If the work failed, `release` forgets the record, and the key may be used again.

What a crash leaves behind:
- before the commit: a record without mark. After LEASE the next request with the key takes it over and does the work.
  The old request, should it only have been slow, then fails to set its mark, and its transaction with it.
- between commit and `finish`: a marked record without response. After LEASE the next request is told that the work was
  done and its response is lost (ResponseLost); it is never done again.

So nothing happens twice, and no service has to know of it. One limit: of a deed in several transactions the first one
counts.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import clock, crypto
from crowd.kernel.errors import BadInput, Conflict
from crowd.kernel.models import IdempotencyRecord

LEASE = timedelta(minutes=5)  # longer than any web server lets a request live
KEPT_FOR = timedelta(hours=48)
MAX_LENGTH = 120

MARK = """
UPDATE kernel_idempotency SET applied_at = crowd_now()
WHERE id = %s AND attempt = %s AND (applied_at IS NULL OR %s)
"""


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    status = 422
    default = gettext_lazy("This Idempotency-Key was used for another request. Please choose a new one.")


class InProgress(Conflict):
    code = "request_in_progress"
    default = gettext_lazy("The first request with this Idempotency-Key is still under way. Please try again soon.")


class ResponseLost(Conflict):
    code = "response_lost"
    default = gettext_lazy(
        "The first request with this Idempotency-Key was carried out, but its response was lost. Nothing was done now; "
        "please look at what is there."
    )


@dataclass(frozen=True)
class Stored:
    """A response: its status and its body (plain JSON)."""

    status: int
    body: Any


@dataclass(frozen=True)
class Claim:
    """The right to carry out the request now."""

    record_id: int
    attempt: int


def once(*, scope: str, key: str, request_digest: str, call: Callable[[], Stored]) -> Stored:
    """The response to a request that is carried out once; `call` carries it out and is not called again.

    `scope` is the user ("user:7"), so that nobody meets the keys of others. What raises, or answers with 400 or more
    without having committed anything, is forgotten: the same key may then try again. Must not run in a transaction.
    Raises KeyReused, InProgress, ResponseLost, BadInput, and whatever `call` raises.
    """
    begun = begin(scope=scope, key=key, request_digest=request_digest)
    if isinstance(begun, Stored):
        return begun
    try:
        with applying(begun):
            response = call()
    except Exception:
        release(begun)
        raise
    if response.status < 400:
        finish(begun, response)
    else:
        release(begun)
    return response


def digest(*, method: str, path: str, body: bytes) -> str:
    """What makes two requests the same one."""
    head = json.dumps([method, path]).encode()
    return hashlib.sha256(head + b"\n" + body).hexdigest()


def begin(*, scope: str, key: str, request_digest: str) -> Stored | Claim:
    """The stored response of an earlier request with this key, or the right to carry this one out."""
    _check_key(key)
    with transaction.atomic(durable=True):
        now = clock.now()
        record, created = IdempotencyRecord.objects.get_or_create(
            scope=scope, key=key, defaults={"request_digest": request_digest, "created_at": now}
        )
        if created:
            return Claim(record.pk, record.attempt)
        if record.request_digest != request_digest:
            raise KeyReused
        if record.status is not None:
            return Stored(record.status, _open(record.body))
        if record.created_at > now - LEASE:
            raise InProgress(retry_after_s=5)
        if record.applied_at is not None:
            raise ResponseLost
        return _take_over(record)


@contextmanager
def applying(claim: Claim) -> Iterator[None]:
    """Whatever transaction commits inside is marked in the record, in that same transaction."""
    with connection.execute_wrapper(_Marker(claim)):
        yield


def finish(claim: Claim, response: Stored) -> None:
    """Store the response for whoever asks again."""
    ours = IdempotencyRecord.objects.filter(pk=claim.record_id, attempt=claim.attempt)
    ours.update(status=response.status, body=_seal(response.body))


def release(claim: Claim) -> None:
    """Forget a request that changed nothing. One that did change something stays, its lease given up."""
    ours = IdempotencyRecord.objects.filter(pk=claim.record_id, attempt=claim.attempt)
    ours.filter(applied_at=None).delete()
    ours.update(created_at=F("created_at") - LEASE)


def forget_old() -> int:
    """Delete the records older than KEPT_FOR; how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=clock.now() - KEPT_FOR).delete()[0]


class _Marker:
    """Before the first statement of every transaction, sets the mark; see django.db's "database instrumentation"."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.marked: object = None  # the atomic block that the mark was set in
        self.before = False  # an earlier transaction of this request set it too

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        block = _outermost()
        if block is not None and block is not self.marked:
            self.marked = block
            self._mark()
        return execute(sql, params, many, context)

    def _mark(self) -> None:
        # On a cursor of psycopg's own, which this wrapper does not see.
        with connection.connection.cursor() as cursor:
            cursor.execute(MARK, [self.claim.record_id, self.claim.attempt, self.before])
            if cursor.rowcount == 0:
                raise InProgress  # too slow: somebody took the record over
        transaction.on_commit(self._remember)

    def _remember(self) -> None:
        self.before = True


def _outermost() -> object:
    """The atomic block that will commit; None in autocommit. The one that a test wraps around itself does not count."""
    blocks = connection.atomic_blocks
    return next((block for block in blocks if not getattr(block, "_from_testcase", False)), None)


def _take_over(record: IdempotencyRecord) -> Claim:
    """Compare and set; waits for a transaction that has just set the mark, and then finds it."""
    stale = IdempotencyRecord.objects.filter(pk=record.pk, attempt=record.attempt, applied_at=None, status=None)
    if not stale.update(attempt=F("attempt") + 1, created_at=clock.now()):
        raise InProgress(retry_after_s=5)
    return Claim(record.pk, record.attempt + 1)


def _check_key(key: str) -> None:
    if not 1 <= len(key) <= MAX_LENGTH or not key.isascii() or not key.isprintable():
        message = _("An Idempotency-Key has 1 to %(most)s printable ASCII characters.") % {"most": MAX_LENGTH}
        raise BadInput(message, errors={"Idempotency-Key": message})


def _seal(body: Any) -> dict[str, str]:
    key = crypto.new_wrapped_key()
    secret = crypto.encrypt(key, json.dumps(body, cls=DjangoJSONEncoder))
    return {"key": base64.b64encode(key).decode(), "secret": base64.b64encode(secret).decode()}


def _open(body: Any) -> Any:
    return json.loads(crypto.decrypt(base64.b64decode(body["key"]), base64.b64decode(body["secret"])))
