from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class AssignmentState(TextChoices):
    ACTIVE = "active", _("active")
    SUBMITTED = "submitted", _("submitted")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    RETURNED = "returned", _("returned")
    EXPIRED = "expired", _("expired")


ASSIGNMENT = Transitions(
    {
        AssignmentState.ACTIVE: [AssignmentState.SUBMITTED, AssignmentState.RETURNED, AssignmentState.EXPIRED],
        # A late answer within the grace time; or the same task given again, as a further attempt.
        AssignmentState.EXPIRED: [AssignmentState.SUBMITTED, AssignmentState.ACTIVE],
        AssignmentState.RETURNED: [AssignmentState.ACTIVE],
        AssignmentState.SUBMITTED: [AssignmentState.ACCEPTED, AssignmentState.REJECTED],
        AssignmentState.REJECTED: [AssignmentState.ACCEPTED],  # overturned
    }
)


# By rework alone does a submitted answer become active again: no taking of tasks may.
REWORK = Transitions({AssignmentState.SUBMITTED: [AssignmentState.ACTIVE]})


class ParticipationState(TextChoices):
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")


PARTICIPATION = Transitions(
    {
        ParticipationState.ACTIVE: [ParticipationState.PAUSED],
        ParticipationState.PAUSED: [ParticipationState.ACTIVE],
    }
)


class RejectionState(TextChoices):
    HELD = "held", _("held")  # the reward waits until the appeal window ends
    RELEASED = "released", _("final")
    OVERTURNED = "overturned", _("overturned")


REJECTION = Transitions(
    {
        RejectionState.HELD: [RejectionState.RELEASED, RejectionState.OVERTURNED],
        RejectionState.RELEASED: [RejectionState.OVERTURNED],  # only where the gold key it rests on was wrong (restore)
    }
)


class Evidence(TextChoices):
    """What a rejection rests on."""

    GOLD = "gold", _("the answer to a gold task was wrong")
    CONSENSUS = "consensus", _("the other workers' answers")
    RULE = "rule", _("a rule of the project")
    LABELED = "labeled", _("others could answer what was reported as not answerable")
    WRITTEN = "written", _("a written reason")


class ReturnReason(TextChoices):
    NOT_SAID = "not_said", _("not said")
    TOO_HARD = "too_hard", _("too hard")
    UNCLEAR = "unclear", _("the guidelines are unclear")
    BROKEN = "broken", _("something does not work")
    NO_TIME = "no_time", _("no time")
    UNPLEASANT = "unpleasant", _("I do not want to see this")


class HeldState(TextChoices):
    """Many rejections at once wait for staff."""

    HELD = "held", _("waits for staff")
    PASSED = "passed", _("carried out")
    REFUSED = "refused", _("not carried out")


HELD_BATCH = Transitions({HeldState.HELD: [HeldState.PASSED, HeldState.REFUSED]})
