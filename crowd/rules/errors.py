from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import Conflict


class StopsEverybody(Conflict):
    """`hits` of `workers` would have been stopped."""

    code = "stops_everybody"
    default = _("This rule would stop everybody.")


class NotContestable(Conflict):
    code = "not_contestable"
    default = _("There is nothing to contest here, or it was contested already.")


class StillOn(Conflict):
    code = "rule_is_on"
    default = _("Switch the rule off first; its terms do not change while it is on.")
