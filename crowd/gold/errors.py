from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import BadInput, Conflict


class KeyRefused(BadInput):
    """The known answer is none that the label config allows; `path` names the place."""

    code = "key_refused"


class NotGold(Conflict):
    code = "not_gold"
    default = _("This task is not gold.")


class AlreadyGold(Conflict):
    code = "already_gold"
    default = _("This task is gold already: correct its key instead.")


class BeingAnswered(Conflict):
    code = "being_answered"
    default = _("Somebody is working on this task right now. Try again in a few minutes.")


class NothingToContest(Conflict):
    code = "nothing_to_contest"
    default = _("Only a missed task with a known answer can be contested, once.")
