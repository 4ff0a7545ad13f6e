"""Notices by e-mail: none lost, none twice, and one letter for what happened in one go.

1. `collect` puts the notices that wait into letters, one a person, in a transaction of its own. From then on what is
   in a letter is settled. Two who collect at once skip each other's rows.
2. `send` locks a due letter, hands it to the mail server, and marks it as sent, in one transaction. Whoever comes at
   the same time skips it. A process that dies before the server has it leaves it due; one that dies in the moment
   between the server's yes and our commit sends it again, the same letter with the same Message-ID, which is how mail
   programs know a double (RFC 5322, 3.6.4): no protocol of mail can promise more.
3. A server that does not answer is asked again, at growing distances, for about four days.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowd.kernel import clock
from crowd.notices import queries
from crowd.notices.models import Letter, Notice
from crowd.notices.states import LETTER, LetterState
from crowd.users.models import User

log = logging.getLogger(__name__)
QUIET = timedelta(seconds=20)  # what happens in one go comes in one letter
AT_ONCE = 1000
MOST_SHOWN = 50  # the rest is counted
MOST_TRIES = 18  # over four days, as RFC 5321 (4.5.4.1) asks
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=12)
SETTINGS_PAGE = "/account/notices/"
INBOX = "/notices/"


def collect() -> list[int]:
    """Ids of the letters made."""
    with transaction.atomic(durable=True):
        now = clock.now()
        waiting = Notice.objects.select_for_update(skip_locked=True, no_key=True).filter(
            mail=True, letter=None, created_at__lte=now - QUIET
        )
        by_reader: dict[int, list[int]] = defaultdict(list)
        for id, user_id in waiting.order_by("created_at", "pk").values_list("pk", "user_id")[:AT_ONCE]:
            by_reader[user_id].append(id)
        letters = [Letter(user_id=user_id, created_at=now, next_try_at=now) for user_id in by_reader]
        for letter in Letter.objects.bulk_create(letters):
            Notice.objects.filter(pk__in=by_reader[letter.user_id]).update(letter=letter)
    return [letter.pk for letter in letters]


def due(*, limit: int = 500) -> list[int]:
    """Ids of letters that want to be sent now, the oldest first."""
    found = Letter.objects.filter(state=LetterState.DUE, next_try_at__lte=clock.now()).order_by("next_try_at", "pk")
    return list(found.values_list("pk", flat=True)[:limit])


def send(letter_id: int) -> bool:
    """Whether it left now. False when somebody else has it, it is done, or the mail server would not have it."""
    with transaction.atomic(durable=True):
        now = clock.now()
        letter = (
            Letter.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .select_related("user")
            .filter(pk=letter_id, state=LetterState.DUE, next_try_at__lte=now)
            .first()
        )
        if letter is None:
            return False
        notices = list(letter.notices.order_by("pk"))
        if not notices or not letter.user.is_active:
            _end(letter, LetterState.DROPPED, now)
            return False
        return _try(letter, _message(letter, notices), now)


def _try(letter: Letter, message: EmailMessage, now: datetime) -> bool:
    letter.tries += 1
    try:
        message.send()
    except (OSError, ValueError) as error:  # all of smtplib and the network; an address that no mail has
        _put_off(letter, error, now)
        return False
    _end(letter, LetterState.SENT, now)
    return True


def _put_off(letter: Letter, error: Exception, now: datetime) -> None:
    letter.error = f"{type(error).__name__}: {error}"[:2000]
    if letter.tries >= MOST_TRIES:
        log.error("Letter %s could not be sent in %s tries: %s", letter.pk, letter.tries, letter.error)
        return _end(letter, LetterState.FAILED, now)
    letter.next_try_at = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (letter.tries - 1))
    letter.save(update_fields=["tries", "next_try_at", "error"])


def _end(letter: Letter, state: LetterState, now: datetime) -> None:
    LETTER.check(letter.state, state)
    letter.state, letter.ended_at = state, now
    letter.save(update_fields=["state", "ended_at", "tries", "error"])


def _message(letter: Letter, notices: list[Notice]) -> EmailMessage:
    host = urlsplit(settings.CROWD_URL).hostname
    with translation.override(letter.user.language):
        return EmailMessage(
            _subject(notices),
            _body(letter.user, notices),
            to=[letter.user.email],
            headers={"Message-ID": f"<letter-{letter.pk}@{host}>", "Auto-Submitted": "auto-generated"},
        )


def _subject(notices: list[Notice]) -> str:
    if len(notices) == 1:
        return " ".join(queries.read(notices[0]).title.split())
    number = len(notices)
    return ngettext("%(n)d notice from %(site)s", "%(n)d notices from %(site)s", number) % {
        "n": number,
        "site": settings.CROWD_SITE_NAME,
    }


def _body(user: User, notices: list[Notice]) -> str:
    parts = []
    for said in map(queries.read, notices[:MOST_SHOWN]):
        parts.append("\n".join(part for part in (said.title, said.text, settings.CROWD_URL + said.link) if part))
    if len(notices) > MOST_SHOWN:
        more = _("And %(n)d more: %(link)s")
        parts.append(more % {"n": len(notices) - MOST_SHOWN, "link": settings.CROWD_URL + INBOX})
    foot = _("You choose what comes by e-mail at %(link)s") % {"link": settings.CROWD_URL + SETTINGS_PAGE}
    return "\n\n".join([*parts, f"-- \n{foot}"])
