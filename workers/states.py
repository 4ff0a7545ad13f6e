from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class WorkerState(TextChoices):
    """A blocked or closed worker takes no tasks; his earnings stay his, visible and payable."""

    ACTIVE = "active", _("active")
    BLOCKED = "blocked", _("blocked")
    CLOSED = "closed", _("closed")


WORKER = Transitions(
    {
        WorkerState.ACTIVE: [WorkerState.BLOCKED, WorkerState.CLOSED],
        WorkerState.BLOCKED: [WorkerState.ACTIVE, WorkerState.CLOSED],
    }
)


class Mark(TextChoices):
    """What a worker keeps about a requester."""

    SAVED = "saved", _("saved")
    HIDDEN = "hidden", _("hidden")
