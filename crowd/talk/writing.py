"""What everything that a person writes here has in common: its length, its key, and how much of it an hour."""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput, NotAllowed, TooMany
from crowd.talk.errors import SentAlready
from crowd.users.models import User

MAX_TEXT = 4000
MAX_REASON = 2000
MAX_KEY = 64
EXCERPT = 500  # of a text, in the notice of it
AN_HOUR = timedelta(hours=1)
Written = TypeVar("Written", bound=Model)


def cleaned(**texts: tuple[str, int]) -> dict[str, str]:
    """Each text without blanks around it, by its name. Raises BadInput for what is empty or too long."""
    faults = {name: fault for name, (text, most) in texts.items() if (fault := _fault(text, most))}
    if faults:
        raise BadInput(errors=faults)
    return {name: text.strip() for name, (text, _most) in texts.items()}


def key_of(given: str) -> str:
    """The key that a page sent, or a new one. Raises BadInput."""
    if len(given) > MAX_KEY or "\x00" in given:
        raise BadInput(errors={"key": _("At most %(most)s characters.") % {"most": MAX_KEY}})
    return given or uuid4().hex


def lock_author(user: User) -> None:
    """One person writes one thing at a time, so that limits and keys are exact. Needs a transaction; the first lock.

    Raises NotAllowed for who was erased meanwhile.
    """
    if User.objects.select_for_update(no_key=True).get(pk=user.pk).erased_at is not None:
        raise NotAllowed(_("This account was deleted."))


def sent_before(mine: QuerySet[Written], *, key: str, text: str) -> Written | None:
    """What the same page sent already. Raises SentAlready where that was another text. Needs the author's lock."""
    found = mine.filter(key=key).first()
    if found is not None and getattr(found, "text") != text:  # noqa: B009
        raise SentAlready
    return found


def check_rate(mine: QuerySet[Written], *, most: int, now: datetime, at: str, within: timedelta = AN_HOUR) -> None:
    """Raises TooMany. `at`: the field with the time. Needs the author's lock."""
    if mine.filter(**{f"{at}__gt": now - within}).count() >= most:
        raise TooMany(_("That is a lot at once: %(most)d are the most for now. Please wait a while.") % {"most": most})


def _fault(text: str, most: int) -> str:
    if not text.strip():
        return _("Please write something.")
    if len(text.strip()) > most or "\x00" in text:
        return _("At most %(most)s characters.") % {"most": most}
    return ""
