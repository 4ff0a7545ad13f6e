"""Asking for a qualification: granted at once, by a person's decision, or by a document that staff verify.

Every change holds the lock of the worker's row first, then the request's.
"""

import base64
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock, crypto
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.notices.services.notify import notify
from crowd.users.access import require_staff
from crowd.users.models import User
from crowd.users.services import audit, person_keys
from qualifications.access import managed_qualification, qualification_for
from qualifications.errors import NotNow
from qualifications.models import Grant, GrantRequest, Qualification
from qualifications.services.grants import MAX_REASON, MAX_VALUE, Award, award_many, check_award, ends_at, tell
from qualifications.states import REQUEST, Asking, GrantState, RequestState
from workers.access import worker_for
from workers.models import Worker
from workers.states import WorkerState

MAX_MESSAGE = 2000
MAX_DOCUMENT = 5 * 1024**2
ASK_AGAIN = timedelta(days=7)  # after a refusal
KEPT = timedelta(days=30)  # documents, after the decision
TYPES = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def ask(*, user: User, qualification_id: int, message: str = "", document: bytes | None = None) -> GrantRequest:
    """A worker asks; where it is granted at once, it is. The same again while it waits: the request that is there.

    document: a PDF, PNG or JPEG, where the qualification wants one; it is kept encrypted with his own key. Raises
    NotFound, NotAllowed (no worker), NotNow (held, taken back, lately refused, not to be asked for), BadInput.
    """
    with transaction.atomic(durable=True):
        qualification = qualification_for(user, qualification_id)
        worker = _lock(worker_for(user).pk)
        waiting = GrantRequest.objects.filter(qualification=qualification, worker=worker, state=RequestState.OPEN)
        if (open_one := waiting.first()) is not None:
            return open_one
        now = clock.now()
        check_may_ask(qualification, worker, now)
        request = GrantRequest(
            qualification=qualification, worker=worker, message=_text(message, "message"), asked_at=now
        )
        _attach(request, document)
        if qualification.asking == Asking.AT_ONCE:
            _grant(request, actor=None, value=qualification.auto_value, ends=ends_at(qualification, now), now=now)
        request.save()
    return request


def check_may_ask(qualification: Qualification, worker: Worker, now: datetime) -> None:
    """Raises NotNow, in words."""
    if not (qualification.asking and qualification.active) or worker.state != WorkerState.ACTIVE:
        raise NotNow(_("This qualification cannot be asked for."))
    held = Grant.objects.filter(qualification=qualification, worker=worker).first()
    if held is not None and held.state == GrantState.REVOKED:
        raise NotNow(_("This qualification was taken back from you. %(reason)s") % {"reason": held.reason})
    renewing = qualification.asking == Asking.DOCUMENT  # a new document whenever there is one
    if held is not None and not renewing and not held.ends_soon(now):
        raise NotNow(_("You hold this qualification already."))
    refused = GrantRequest.objects.filter(qualification=qualification, worker=worker, state=RequestState.REFUSED)
    last = refused.order_by("-pk").first()
    if last is not None and last.decided_at is not None and now < last.decided_at + ASK_AGAIN:
        raise NotNow(_("You can ask again later."), retry_at=last.decided_at + ASK_AGAIN)


def grant_request(
    *, actor: User, request_id: int, value: int = MAX_VALUE, reason: str = "", expires_at: datetime | None = None
) -> GrantRequest:
    """Grant what was asked for: whoever manages the qualification, for a document staff, who say until when it holds.

    Raises NotFound, NotAllowed (one's own), WrongState, BadInput.
    """
    with transaction.atomic(durable=True):
        request, now = _to_decide(actor, request_id), clock.now()
        ends = expires_at or ends_at(request.qualification, now)
        request.reason = reason.strip()
        _grant(request, actor=actor, value=value, ends=ends, now=now)
        request.save()
    return request


def refuse_request(*, actor: User, request_id: int, reason: str) -> GrantRequest:
    """With a reason that the worker reads. Raises as `grant_request`."""
    reason = _text(reason, "reason")
    if not reason:
        raise BadInput(errors={"reason": _("A reason is needed; the worker reads it.")})
    with transaction.atomic(durable=True):
        request, now = _to_decide(actor, request_id), clock.now()
        _decide(request, RequestState.REFUSED, actor, now)
        request.reason = reason
        request.save()
        data = {"name": request.qualification.name, "reason": reason}
        link = f"/work/qualifications/{request.qualification_id}/"
        notify(user_id=request.worker.user_id, kind="qualification_refused", data=data, link=link, now=now)
        _record(request, "refuse_request", actor, now)
    return request


def withdraw(*, user: User, request_id: int) -> GrantRequest:
    """The worker himself; his document is deleted at once. Raises NotFound, WrongState."""
    with transaction.atomic(durable=True):
        worker = _lock(worker_for(user).pk)
        request = GrantRequest.objects.select_for_update(no_key=True).filter(pk=request_id, worker=worker).first()
        if request is None:
            raise NotFound(_("There is no such request of yours."))
        _decide(request, RequestState.WITHDRAWN, None, clock.now())
        request.document, request.document_type = None, ""
        request.save()
    return request


def document_of(*, actor: User, request_id: int) -> tuple[bytes, str]:
    """The document and its content type, for staff; the log says who read it. Raises NotFound, Unreadable."""
    require_staff(actor)
    with transaction.atomic(durable=True):
        request = GrantRequest.objects.select_related("worker__user").filter(pk=request_id).first()
        if request is None or request.document is None:
            raise NotFound(_("There is no document (any more)."))
        key = person_keys.wrapped_key(request.worker.user)
        content = base64.b64decode(crypto.decrypt(key, bytes(request.document)))
        _record(request, "read_document", actor, clock.now())
    return content, request.document_type


def forget_documents() -> int:
    """Those decided about more than KEPT ago; how many. For a job."""
    old = GrantRequest.objects.filter(document__isnull=False, decided_at__lt=clock.now() - KEPT)
    return old.update(document=None, document_type="")


def _lock(worker_id: int) -> Worker:
    return Worker.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=worker_id)


def _to_decide(actor: User, request_id: int) -> GrantRequest:
    """Under both locks. Raises NotFound also for strangers of the qualification."""
    found = GrantRequest.objects.filter(pk=request_id).values_list("worker", "qualification").first()
    if found is None:
        raise NotFound(_("There is no such request."))
    worker_id, qualification_id = found
    qualification = managed_qualification(actor, qualification_id)
    worker = _lock(worker_id)
    if worker.user_id == actor.pk:
        raise NotAllowed(_("Somebody else must decide about your request."))
    request = GrantRequest.objects.select_for_update(no_key=True).get(pk=request_id)
    request.qualification, request.worker = qualification, worker
    return request


def _grant(request: GrantRequest, *, actor: User | None, value: int, ends: datetime | None, now: datetime) -> None:
    award = Award(worker_id=request.worker_id, value=value, reason=request.reason, expires_at=ends)
    check_award(award, now)
    _decide(request, RequestState.GRANTED, actor, now)
    tell(award_many(request.qualification, [award], actor=actor, now=now), kind="qualification_granted", now=now)


def _decide(request: GrantRequest, state: RequestState, actor: User | None, now: datetime) -> None:
    REQUEST.check(request.state, state)
    request.state, request.decided_by, request.decided_at = state, actor, now


def _attach(request: GrantRequest, document: bytes | None) -> None:
    wanted = request.qualification.asking == Asking.DOCUMENT
    if not document:
        if wanted:
            raise BadInput(errors={"document": _("A document is needed: a PDF, or a picture of it.")})
        return
    if not wanted:
        raise BadInput(errors={"document": _("No document is asked for here.")})
    kind = next((kind for start, kind in TYPES.items() if document.startswith(start)), None)
    if kind is None or len(document) > MAX_DOCUMENT:
        raise BadInput(errors={"document": _("A PDF, PNG or JPEG file of at most 5 megabytes is needed.")})
    key = person_keys.wrapped_key(request.worker.user)
    request.document = crypto.encrypt(key, base64.b64encode(document).decode())
    request.document_type = kind


def _text(text: str, place: str) -> str:
    text = text.strip()
    if len(text) > min(MAX_MESSAGE, MAX_REASON) or "\x00" in text:
        raise BadInput(errors={place: _("At most %(most)s characters.") % {"most": MAX_MESSAGE}})
    return text


def _record(request: GrantRequest, action: str, actor: User, now: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=request,
        organisation=request.qualification.organisation,
        now=now,
        reason=request.reason,
    )
