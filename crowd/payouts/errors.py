"""What can go wrong with payouts."""

from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import BadInput, Conflict, NotAllowed, NotFound


class NoPayoutProfile(Conflict):
    code = "no_payout_profile"
    default = _("Please fill in your payout details first.")


class PayoutsHeld(Conflict):
    """`until` in the data, ISO."""

    code = "payouts_held"


class BelowMinimum(Conflict):
    """Micros of `currency`: `minimum_micros`, `payable_micros`."""

    code = "below_minimum"


class OwnPayout(NotAllowed):
    code = "own_payout"
    default = _("Nobody decides about a payout of his own, or about a batch with one in it.")


class UnknownProvider(BadInput):
    code = "unknown_provider"
    default = _("There is no such payout provider.")


class CannotBatch(BadInput):
    """`errors` maps "payout 12" to the reason."""

    code = "cannot_batch"
    default = _("Some of these payouts cannot go into this batch.")


class EmptyBatch(Conflict):
    code = "empty_batch"
    default = _("There is no payout left in this batch.")


class BadResults(BadInput):
    """`errors` maps "row 3" to the reason; nothing of the file was taken over."""

    code = "bad_results"
    default = _("Nothing was taken over: some rows of the file are wrong.")


class NoFile(NotFound):
    code = "no_file"
    default = _("The batch was not sent yet, or its file was deleted when its time was over.")
