from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Side(TextChoices):
    """As what somebody writes in a thread about a project."""

    WORKER = "worker", _("worker")
    REQUESTER = "requester", _("requester")

    @property
    def other(self) -> "Side":
        return Side.REQUESTER if self == Side.WORKER else Side.WORKER
