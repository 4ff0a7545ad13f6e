from crowd.kernel.admin_site import show
from workers.models import Block, PayoutProfile, Pseudonym, RequesterMark, Worker

show(
    Worker,
    *("id", "user", "state", "country", "joined_at", "submitted_count", "accepted_count", "rejected_count"),
    search=["user__email", "=id"],
    filters=["state"],
)
show(Block, "id", "worker", "organisation", "created_at", "ends_at", "lifted_at", search=["=worker__id"])
show(Pseudonym, "id", "organisation", "worker", "code", search=["code", "=worker__id"])
show(PayoutProfile, "id", "worker", "method", "changed_at", "held_until", search=["=worker__id"], hidden=["secret"])
show(RequesterMark, "id", "worker", "organisation", "mark", search=["=worker__id"])
