from crowd.kernel.admin_site import show
from crowd.review.models import Appeal, Rating, Reviewer, ReviewPlan, TaskReview

show(
    Appeal,
    *("id", "worker", "subject", "state", "organisation", "opened_at", "due_at", "decided_at"),
    search=["=worker__id"],
    filters=["state", "subject"],
)
show(Rating, "id", "worker", "organisation", "pay", "clarity", "fairness", "rated_at", search=["=organisation__id"])
show(ReviewPlan, "id", "project", "share", "low_posterior", "disagreement", "two_levels", search=["=project__id"])
show(Reviewer, "id", "project", "worker", "level", "named_at", "removed_at", search=["=project__id", "=worker__id"])
show(
    TaskReview,
    *("id", "project", "task", "round", "level", "cause", "state", "reviewer", "decided_at"),
    search=["=project__id", "=task__id"],
    filters=["state", "cause"],
)
