from crowd.kernel.admin_site import show
from crowd.rules.models import Firing, Look, Rule

show(Rule, "id", "project", "state", "created_by", "switched_at", search=["=project__id"], filters=["state"])
show(
    Firing,
    *("id", "rule", "project", "worker", "state", "at", "decided_by", "contested_at"),
    search=["=project__id", "=worker__id"],
    filters=["state"],
)
show(Look, "id", "project", "answer_id", "assignment_id", "run_id", "whole_at", search=["=project__id"])
