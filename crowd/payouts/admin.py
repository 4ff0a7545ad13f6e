from crowd.kernel.admin_site import show
from crowd.payouts.models import Batch, Payout

show(
    Batch,
    *("id", "provider", "currency", "state", "built_by", "approved_by", "sent_at"),
    filters=["state", "provider"],
    hidden=["file", "file_key"],
)
show(
    Payout,
    *("id", "worker", "state", "amount_micros", "currency", "method", "batch", "requested_at"),
    search=["=worker__id", "provider_reference"],
    filters=["state"],
    hidden=["secret"],
)
