"""The name under which an organisation knows a worker: random, another one in every organisation, for ever the same."""

import secrets
from collections.abc import Iterable

from django.utils.translation import gettext as _

from crowd.kernel.errors import NotFound
from crowd.users.models import Organisation
from workers.models import Pseudonym, Worker

# Like a worker's id on Mechanical Turk (^A[A-Z0-9]+$), without letters and digits that are mistaken for others.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 12


def pseudonym_for(organisation: Organisation, worker: Worker) -> str:
    """The worker's pseudonym in the organisation, made on first use. Inner; two callers at once get the same."""
    return pseudonyms_for(organisation, [worker.pk])[worker.pk]


def pseudonyms_for(organisation: Organisation, worker_ids: Iterable[int]) -> dict[int, str]:
    """Worker id to pseudonym, for all of them, in two queries at most (four when some are new). Inner."""
    wanted = set(worker_ids)
    known = _known(organisation, wanted)
    while missing := sorted(wanted - known.keys()):
        drafts = [Pseudonym(organisation=organisation, worker_id=one, code=_code()) for one in missing]
        # A conflict is either somebody who was first, or (once in 32**12) a code that is taken: look, and try again.
        Pseudonym.objects.bulk_create(drafts, ignore_conflicts=True, batch_size=1000)
        known |= _known(organisation, set(missing))
    return known


def worker_by_pseudonym(organisation: Organisation, code: str) -> Worker:
    """The worker whom this organisation knows by that code. Raises NotFound, also for codes of others."""
    found = (
        Pseudonym.objects.select_related("worker").filter(organisation=organisation, code=code.strip().upper()).first()
    )
    if found is None:
        raise NotFound(_("No worker is known here as “%(code)s”.") % {"code": code[:40]}, worker=code[:40])
    return found.worker


def _known(organisation: Organisation, worker_ids: set[int]) -> dict[int, str]:
    rows = Pseudonym.objects.filter(organisation=organisation, worker_id__in=worker_ids)
    return dict(rows.values_list("worker_id", "code"))


def _code() -> str:
    return "A" + "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
