from crowd.kernel.admin_site import show
from crowd.review.models import Appeal, Rating

show(
    Appeal,
    *("id", "worker", "subject", "state", "organisation", "opened_at", "due_at", "decided_at"),
    search=["=worker__id"],
    filters=["state", "subject"],
)
show(Rating, "id", "worker", "organisation", "pay", "clarity", "fairness", "rated_at", search=["=organisation__id"])
