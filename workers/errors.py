"""What can go wrong with workers."""

from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import Conflict


class AlreadyWorker(Conflict):
    code = "already_worker"
    default = _("You have joined as a worker already.")


class AlreadyBlocked(Conflict):
    code = "already_blocked"
    default = _("This worker is blocked already; lift that block first.")
