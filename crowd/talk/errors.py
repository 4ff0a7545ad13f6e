from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import Conflict


class Muted(Conflict):
    """The other side ended the conversation, or is gone. `reason` in the data, where the writer may read it."""

    code = "muted"
    default = _("No more messages can be sent here.")


class SentAlready(Conflict):
    """The key of what is sent belongs to something else that the same person wrote before."""

    code = "sent_already"
    default = _("Something else was sent from this page already. Load it again; what you typed is kept here.")


class ReportedAlready(Conflict):
    code = "reported_already"
    default = _("You reported this already; staff will look at it.")


class HandleTaken(Conflict):
    code = "handle_taken"
    default = _("Somebody else has this name.")
