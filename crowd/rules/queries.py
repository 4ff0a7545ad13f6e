"""What is read about rules besides the doors."""

from typing import Any

from crowd.rules.access import firings_about
from crowd.users.models import User
from workers.models import Worker

FIELDS = ["project_id", "terms", "evidence__figures", "state", "at", "ends_at", "decision", "contest"]
FIELDS += ["contested_at", "answer", "answered_at"]


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export: what he may read in his record."""
    worker = Worker.objects.filter(user=user).first()
    return {"rules": list(firings_about(worker).order_by("pk").values(*FIELDS)) if worker else []}
