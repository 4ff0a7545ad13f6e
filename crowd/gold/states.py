from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class Change(TextChoices):
    """What was done to a gold task's key."""

    MADE = "made", _("made gold")
    CORRECTED = "corrected", _("key corrected")
    RETIRED = "retired", _("retired")


class RevisionState(TextChoices):
    DUE = "due", _("being worked through")
    DONE = "done", _("done")


REVISION = Transitions({RevisionState.DUE: [RevisionState.DONE]})


class ContestState(TextChoices):
    OPEN = "open", _("waits for the requester")
    UPHELD = "upheld", _("the key was changed")
    KEPT = "kept", _("the key stays")


CONTEST = Transitions({ContestState.OPEN: [ContestState.UPHELD, ContestState.KEPT]})
