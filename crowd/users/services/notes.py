"""What staff write down about a worker or a requester, for each other. It stands in the audit log and stays."""

from django.db import models, transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.users.access import require_staff
from crowd.users.models import AuditEntry, User
from crowd.users.services import audit

MAX_NOTE = 2_000


def note(*, actor: User, subject: models.Model, text: str) -> AuditEntry:
    """Names no organisation in the entry: no requester finds it in his own log. Raises NotAllowed, BadInput."""
    require_staff(actor)
    text = text.strip()
    if not text or len(text) > MAX_NOTE or "\x00" in text:
        raise BadInput(errors={"text": _("A note has from 1 to %(most)s characters.") % {"most": MAX_NOTE}})
    with transaction.atomic(durable=True):
        return audit.record(actor=actor, action="note", subject=subject, now=clock.now(), reason=text)
