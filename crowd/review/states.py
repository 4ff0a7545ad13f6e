from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class AppealState(TextChoices):
    OPEN = "open", _("waits for a decision")
    GRANTED = "granted", _("granted")  # the worker is right: paid, or let back
    UPHELD = "upheld", _("not granted")  # what was decided stands


APPEAL = Transitions({AppealState.OPEN: [AppealState.GRANTED, AppealState.UPHELD]})


class Subject(TextChoices):
    """What an appeal is about."""

    REJECTION = "rejection", _("a rejected answer")
    PAUSE = "pause", _("a pause")
    BLOCK = "block", _("a block")


class ReviewState(TextChoices):
    OPEN = "open", _("waits for a reviewer")
    TAKEN = "taken", _("in a reviewer's hands")
    DONE = "done", _("reviewed")


REVIEW = Transitions({ReviewState.OPEN: [ReviewState.TAKEN], ReviewState.TAKEN: [ReviewState.OPEN, ReviewState.DONE]})


class Cause(TextChoices):
    """Why a task is reviewed."""

    SAMPLE = "sample", _("drawn by lot")
    LOW_POSTERIOR = "low", _("we are not sure of it")
    DISAGREEMENT = "differ", _("workers disagree")
    NEW_WORKER = "new", _("a new worker")
    REWORK = "rework", _("sent back before")
    SECOND = "second", _("a first reviewer wants a change")


class Deed(TextChoices):
    """What a reviewer does with one answer."""

    ACCEPT = "accept", _("accept")
    FIX = "fix", _("fix: accept it, mine stands in its place")
    REJECT = "reject", _("reject")
    REWORK = "rework", _("send back for rework")
