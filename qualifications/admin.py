from crowd.kernel.admin_site import show
from qualifications.models import Attempt, Grant, Qualification, Test

show(Qualification, "id", "name", "organisation", "system", "public", "active", search=["name"], filters=["active"])
show(Test, "id", "qualification", "version", "pass_mark", "time_limit_s", "created_at", search=["qualification__name"])
show(
    Attempt,
    *("id", "qualification", "worker", "state", "started_at", "submitted_at", "score", "passed"),
    search=["=worker__id"],
    filters=["state"],
)
show(
    Grant,
    *("id", "qualification", "worker", "state", "value", "granted_at", "expires_at"),
    search=["=worker__id", "qualification__name"],
    filters=["state"],
)
