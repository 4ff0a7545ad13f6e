from crowd.gold.models import Audit, Contest, Flag, Revision, Watch
from crowd.kernel.admin_site import show

show(
    Revision,
    *("id", "project", "task", "change", "state", "made_by", "made_at", "finished_at"),
    search=["=project__id", "=task__id"],
    filters=["state", "change"],
)
show(Contest, "id", "project", "task", "state", "contested_at", "decided_at", search=["=project__id"])
show(Watch, "id", "project", "run", search=["=project__id"])
show(Audit, "id", "project", "run", search=["=project__id"])
show(Flag, "id", "project", "task", "name", "at", search=["=project__id", "=task__id"])
