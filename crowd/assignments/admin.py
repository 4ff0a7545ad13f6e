from crowd.assignments.models import (
    Answer,
    Assignment,
    Contribution,
    Draft,
    HeldBatch,
    Leaving,
    Participation,
    Rejection,
)
from crowd.kernel.admin_site import show

show(
    Participation,
    *("id", "project", "worker", "state", "submitted_count", "gold_right", "gold_wrong"),
    search=["=project__id", "=worker__id"],
    filters=["state"],
)
show(
    Assignment,
    *("id", "project", "task", "worker", "state", "counts", "is_gold", "taken_at", "submitted_at"),
    search=["=project__id", "=worker__id", "=task__id"],
)
show(
    Answer,
    *("id", "project", "assignment", "attempt", "worker", "cannot_answer", "late", "submitted_at"),
    search=["=project__id", "=worker__id", "=task__id"],
)
show(
    Rejection,
    *("id", "project", "assignment", "state", "evidence", "rejected_by", "rejected_at", "held_until"),
    search=["=project__id"],
    filters=["state"],
)
show(Leaving, "id", "assignment", "attempt", "worker", "left_at", "seconds", "reward_micros", search=["=worker__id"])
show(Draft, "id", "assignment", "attempt", "revision", "saved_at", search=["=assignment__id"])
show(
    HeldBatch,
    *("id", "project", "state", "share", "asked_by", "asked_at", "decided_by", "decided_at"),
    search=["=project__id"],
    filters=["state"],
)
show(
    Contribution,
    *("id", "assignment", "unit", "question", "sha256", "created_at", "answered_at"),
    search=["=assignment__id", "=sha256"],
)
