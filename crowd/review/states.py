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
