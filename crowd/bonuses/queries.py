"""What is read about bonuses."""

from typing import Any

from crowd.bonuses.models import Bonus
from crowd.users.models import User


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export."""
    fields = ("project_id", "assignment_id", "amount_micros", "project__currency", "reason", "given_at")
    return {"bonuses": list(Bonus.objects.filter(worker__user=user).order_by("pk").values(*fields))}
