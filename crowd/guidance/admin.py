from crowd.guidance.models import Doubt, Ruling, RulingCase
from crowd.kernel.admin_site import show

show(Doubt, "id", "project", "worker", "asked_at", "answered_by", "answered_at", search=["=project__id"])
show(Ruling, "id", "project", "question", "one", "other", "decided", "decided_by", search=["=project__id"])
show(RulingCase, "id", "ruling", "task", "asked_anew", "made_gold", search=["=ruling__id"])
