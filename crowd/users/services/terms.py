"""Agreeing to the terms and the privacy notice, and declaring one's age."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crowd.kernel import clock
from crowd.kernel.errors import Conflict
from crowd.users import terms
from crowd.users.models import TermsAcceptance, User
from crowd.users.states import Document

DECLARATION = "1"  # the version of the sentence about age


class TextChanged(Conflict):
    """He agreed to a text that was replaced while he read it."""

    code = "text_changed"
    default = _("This text was changed while you read it. Please read the new version.")


def accept_current(*, user: User, adult: bool = False) -> None:
    """Agree to all texts as they read now: for who has just been shown them, and for people who are made up."""
    accept(user=user, versions={one: terms.current(one).version for one in terms.AGREED}, adult=adult)


def accept(*, user: User, versions: Mapping[str, str], adult: bool = False) -> None:
    """Keep that the person agreed to these versions (document to version), and said to be 18 or older.

    The same again changes nothing. Raises TextChanged when a version is not the current one.
    """
    for document, version in versions.items():
        if terms.current(document).version != version:
            raise TextChanged(document=document)
    agreed = dict(versions) | ({Document.ADULT: DECLARATION} if adult else {})
    with transaction.atomic(durable=True):
        _keep(user, agreed, clock.now())


def declare_adult(user: User, *, now: datetime) -> None:
    """Inner: keep that he said to be 18 or older."""
    _keep(user, {Document.ADULT: DECLARATION}, now)


def _keep(user: User, agreed: Mapping[str, str], now: datetime) -> None:
    TermsAcceptance.objects.bulk_create(
        [TermsAcceptance(user=user, document=one, version=agreed[one], accepted_at=now) for one in agreed],
        ignore_conflicts=True,
    )
