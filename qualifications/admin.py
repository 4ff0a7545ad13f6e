from crowd.kernel.admin_site import show
from qualifications.models import (
    Attempt,
    BroughtRecord,
    Grant,
    GrantRequest,
    Qualification,
    SkillAccuracy,
    Test,
    TestPay,
)

show(Qualification, "id", "name", "organisation", "system", "public", "active", search=["name"], filters=["active"])
show(Test, "id", "qualification", "version", "pass_mark", "time_limit_s", "created_at", search=["qualification__name"])
show(TestPay, "id", "qualification", "currency", "reward_micros", "reserve_micros", search=["qualification__name"])
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
show(
    GrantRequest,
    *("id", "qualification", "worker", "state", "asked_at", "decided_at"),
    search=["=worker__id", "qualification__name"],
    filters=["state"],
    hidden=["document"],
)
show(SkillAccuracy, "id", "qualification", "worker", "right", "wrong", "as_of", search=["=worker__id"])
show(BroughtRecord, "id", "worker", "site", "brought_at", search=["=worker__id", "site"])
