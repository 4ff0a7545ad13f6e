"""Why an appeal or a rating is not taken. Each says what happened, why, and what now."""

from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import Conflict, NotAllowed


class TooLate(Conflict):
    """`until` in the data is when the time to appeal ended."""

    code = "appeal_too_late"
    default = _("The time to appeal is over. What was decided is final.")


class AppealedAlready(Conflict):
    code = "appealed_already"
    default = _("You have appealed against this before. It is decided once.")


class FoundByRule(Conflict):
    """`firing` in the data is what the worker contests: there is one place for it."""

    code = "found_by_rule"
    default = _("A rule of the project did this. Contest what it found: it stands in your record.")


class NotTheOne(NotAllowed):
    code = "not_the_one"
    default = _("Somebody else must decide this: nobody judges what he or his organisation has decided.")


class NotWorkedHere(NotAllowed):
    code = "not_worked_here"
    default = _("Only who has worked in this project can rate its requester.")


class NoReview(Conflict):
    code = "no_review"
    default = _("Nothing waits for a review here that you could take.")


class ReserveShort(Conflict):
    """`wanted_micros`, `free_micros` and `currency` in the data."""

    code = "review_reserve_short"
    default = _("The project's reserve for reviews and rework does not hold this. Its requester can raise it.")
