from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class Side(TextChoices):
    """As what somebody writes in a thread about a project."""

    WORKER = "worker", _("worker")
    REQUESTER = "requester", _("requester")

    @property
    def other(self) -> "Side":
        return Side.REQUESTER if self == Side.WORKER else Side.WORKER


class Category(TextChoices):
    """What help is asked about. Each has a time in which an answer is promised: CROWD_HELP_HOURS."""

    MONEY = "money", _("Money, earnings, payouts")
    ACCOUNT = "account", _("My account and signing in")
    WORK = "work", _("A project that I work on")
    POSTING = "posting", _("A project that I post")
    HARM = "harm", _("Something harmful, or that hurts me")
    OTHER = "other", _("Something else")


class TicketState(TextChoices):
    OPEN = "open", _("waits for an answer")
    ANSWERED = "answered", _("answered")
    CLOSED = "closed", _("closed")


# A reply of the person opens it again, from wherever it was.
TICKET = Transitions(
    {
        TicketState.OPEN: [TicketState.ANSWERED, TicketState.CLOSED],
        TicketState.ANSWERED: [TicketState.OPEN, TicketState.CLOSED],
        TicketState.CLOSED: [TicketState.OPEN],
    }
)


class Audience(TextChoices):
    """Whom an announcement is for."""

    ALL = "all", _("everybody")
    WORKERS = "workers", _("all workers")
    REQUESTERS = "requesters", _("all requesters")
    PROJECT = "project", _("workers of a project")
