from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class Holder(TextChoices):
    """Whose account it is. The ledger knows ids only, no project and no worker."""

    OUTSIDE = "outside", _("the world outside")
    PLATFORM = "platform", _("the platform")
    ORGANISATION = "organisation", _("an organisation")
    PROJECT = "project", _("a project")
    WORKER = "worker", _("a worker")
    TEST = "test", _("a test")  # of a qualification, whose id it is


class Purpose(TextChoices):
    AVAILABLE = "available", _("available")
    ESCROW = "escrow", _("reserved for a project")
    IN_TRANSIT = "in_transit", _("on the way out")
    FEES = "fees", _("fees")
    CORRECTIONS = "corrections", _("corrections")
    BANK = "bank", _("bank")


class Kind(TextChoices):
    """Why money moved; docs/money.md has the table of all of them."""

    DEPOSIT = "deposit", _("deposit")
    WITHDRAW = "withdraw", _("withdrawal")
    WITHDRAWN = "withdrawn", _("withdrawal sent")
    WITHDRAW_FAILED = "withdraw_failed", _("withdrawal failed")
    RESERVE = "reserve", _("reserved for a project")
    RELEASE = "release", _("returned from a project")
    REWARD = "reward", _("reward")
    FEE = "fee", _("fee")
    BONUS = "bonus", _("bonus")
    BONUS_FEE = "bonus_fee", _("fee on a bonus")
    TOP_UP = "top_up", _("topped up to the pay floor")
    TOP_UP_FEE = "top_up_fee", _("fee on a top-up")
    TEST_RESERVE = "test_reserve", _("set aside for a test")
    TEST_RELEASE = "test_release", _("returned from a test")
    TEST_REWARD = "test_reward", _("paid for a test")
    TEST_FEE = "test_fee", _("fee on a test")
    PAYOUT = "payout", _("payout requested")
    PAID_OUT = "paid_out", _("payout sent")
    PAYOUT_FAILED = "payout_failed", _("payout failed")
    CORRECTION = "correction", _("correction")


class MovementState(TextChoices):
    """A deposit, withdrawal or correction, which needs a second person."""

    PENDING = "pending", _("waits for a second person")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")


MOVEMENT = Transitions({MovementState.PENDING: [MovementState.DONE, MovementState.REFUSED]})
