from crowd.kernel.admin_site import show
from crowd.ledger.models import Account, Correction, Deposit, Transfer, Withdrawal

show(
    Account,
    *("id", "holder", "holder_id", "purpose", "currency", "guarded"),
    search=["=holder_id"],
    filters=["holder", "purpose", "currency"],
)
show(
    Transfer,
    *("id", "created_at", "kind", "debit", "credit", "amount_micros", "currency", "key"),
    search=["key", "=project_ref"],
    filters=["kind", "currency"],
)
show(
    Deposit,
    *("id", "organisation", "amount_micros", "currency", "reference", "state", "recorded_by", "decided_by"),
    search=["reference"],
    filters=["state"],
)
show(Withdrawal, "id", "organisation", "amount_micros", "currency", "state", "recorded_by", filters=["state"])
show(Correction, "id", "debit", "credit", "amount_micros", "currency", "state", "recorded_by", filters=["state"])
