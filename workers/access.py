"""The doors to workers."""

from django.utils.translation import gettext as _

from crowd.kernel.errors import NotAllowed
from crowd.users.models import User
from workers.models import Worker


def worker_for(user: User) -> Worker:
    """The worker that this login is, in whatever state: also a blocked or closed one sees his earnings.

    Raises NotAllowed when the login is no worker.
    """
    worker = Worker.objects.select_related("user").filter(user=user.pk, user__is_active=True).first()
    if worker is None:
        raise NotAllowed(_("You have not joined as a worker yet."))
    return worker
