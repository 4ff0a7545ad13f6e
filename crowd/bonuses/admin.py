from crowd.bonuses.models import Bonus
from crowd.kernel.admin_site import show

show(Bonus, "id", "project", "worker", "amount_micros", "given_at", search=["=project__id", "=worker__id"])
