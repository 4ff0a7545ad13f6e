from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class RuleState(TextChoices):
    OFF = "off", _("off")
    ON = "on", _("on")


RULE = Transitions({RuleState.OFF: [RuleState.ON], RuleState.ON: [RuleState.OFF]})


class FiringState(TextChoices):
    """What became of a rule that held for somebody."""

    DUE = "due", _("being carried out")
    DONE = "done", _("carried out")
    PROPOSED = "proposed", _("waits for a person")
    FOLLOWED = "followed", _("a person followed it")
    DISMISSED = "dismissed", _("a person dismissed it")
    UNDONE = "undone", _("taken back")


FIRING = Transitions(
    {
        FiringState.DUE: [FiringState.DONE],
        FiringState.DONE: [FiringState.UNDONE],
        FiringState.PROPOSED: [FiringState.FOLLOWED, FiringState.DISMISSED],
        FiringState.FOLLOWED: [FiringState.UNDONE],
    }
)
