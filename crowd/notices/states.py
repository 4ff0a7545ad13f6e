from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class Audience(TextChoices):
    """As what a person is told something: one login may be all of them."""

    ANYBODY = "anybody", _("My account")
    WORKER = "worker", _("My work")
    REQUESTER = "requester", _("My projects")
    STAFF = "staff", _("Staff")


class How(TextChoices):
    """How a person is told something of a kind."""

    MAIL = "mail", _("on the site and by e-mail")
    SITE = "site", _("on the site")
    NONE = "none", _("not at all")


class LetterState(TextChoices):
    DUE = "due", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")  # the mail server refused it for days
    DROPPED = "dropped", _("not sent")  # its reader was erased meanwhile


LETTER = Transitions({LetterState.DUE: [LetterState.SENT, LetterState.FAILED, LetterState.DROPPED]})
