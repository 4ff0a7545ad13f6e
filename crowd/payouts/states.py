from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class PayoutState(TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    SENT = "sent", _("sent")
    CONFIRMED = "confirmed", _("paid")
    FAILED = "failed", _("failed")  # the money is available again
    REFUSED = "refused", _("refused")  # likewise, with the reason


PAYOUT = Transitions(
    {
        PayoutState.REQUESTED: [PayoutState.APPROVED, PayoutState.REFUSED],
        # back to requested when its batch is given up before it was sent
        PayoutState.APPROVED: [PayoutState.SENT, PayoutState.REFUSED, PayoutState.REQUESTED],
        PayoutState.SENT: [PayoutState.CONFIRMED, PayoutState.FAILED],
    }
)


class BatchState(TextChoices):
    OPEN = "open", _("waits for a second person")
    APPROVED = "approved", _("approved")
    SENT = "sent", _("sent")
    SETTLED = "settled", _("settled")
    REFUSED = "refused", _("refused")


BATCH = Transitions(
    {
        BatchState.OPEN: [BatchState.APPROVED, BatchState.REFUSED],
        BatchState.APPROVED: [BatchState.SENT, BatchState.REFUSED],
        BatchState.SENT: [BatchState.SETTLED],
    }
)
