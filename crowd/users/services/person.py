"""What a person says about himself: name, language, time zone."""

from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput
from crowd.users.language import faults as language_faults
from crowd.users.language import refuse_unknown
from crowd.users.models import User

MAX_NAME = 150


def update(*, user: User, name: str, language: str, timezone: str) -> User:
    """Raises BadInput that names every faulty field."""
    name = " ".join(name.split())
    faults = language_faults(language)
    if len(name) > MAX_NAME or not name.isprintable():
        faults["name"] = _("A name has at most %(most)s characters.") % {"most": MAX_NAME}
    if timezone not in available_timezones():
        faults["timezone"] = _("There is no such time zone.")
    if faults:
        raise BadInput(errors=faults)
    with transaction.atomic(durable=True):
        User.objects.filter(pk=user.pk).update(name=name, language=language, timezone=timezone)
    user.refresh_from_db()
    return user


def choose_language(*, user: User, language: str) -> None:
    """The same as `update` for the language alone, which stands at the foot of every page."""
    refuse_unknown(language)
    with transaction.atomic(durable=True):
        User.objects.filter(pk=user.pk).update(language=language)
