from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import BadInput, Conflict, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger.errors import NotEnoughMoney


class Incomplete(BadInput):
    """A draft that cannot be published yet; `missing` in the data lists everything, in sentences."""

    code = "project_incomplete"
    default = _("The project is not complete.")


class NoConfig(Conflict):
    """Items can be read only when it is known what is asked about them."""

    code = "no_config"
    default = _("Set the label config first: it says which column is shown and what a gold answer may be.")


class Fixed(Conflict):
    """A change that would not be fair to workers, or not safe for answers, once the project is published."""

    code = "fixed_after_publish"
    default = _("This is fixed once a project is published.")


class ImportUnderWay(Conflict):
    code = "import_under_way"
    default = _("Items are being imported at this moment. Please wait until the import is done.")


class BadRows(BadInput):
    """Rows that cannot become items; nothing was added. `rows` in the data has {row, column, reason}."""

    code = "bad_rows"
    default = _("Some rows cannot be used; nothing was added.")


class TooLarge(BadInput):
    code = "too_large"
    status = 413
    default = _("This is too large.")


class BudgetShort(NotEnoughMoney):
    """NotEnoughMoney with the parts of the price in the data."""


class FloorMissing(Conflict):
    """What workers are owed towards the pay floor is not in the project's reserve; `missing_micros` in the data."""

    code = "floor_missing"
    default = _(
        "Workers are owed more towards the pay floor than the project's reserve for it holds. "
        "Add %(missing)s to it first."
    )


class FetchRefused(BadInput):
    """An address that is not fetched, or did not give what was asked for."""

    code = "fetch_refused"
    default = _("This address cannot be fetched.")


class InvitationGone(NotFound):
    code = "invitation_gone"
    default = _("This invitation has expired, was used up or was withdrawn.")


class UnderReview(Conflict):
    """Staff have not passed the project (yet); `state` in the data is the review's."""

    code = "under_review"
    default = _("Staff look at this project before workers see it. You will be told when they have.")


class ReportedAlready(Conflict):
    code = "reported_already"
    default = _("You reported this project already. Staff have your report and will look at it.")


class LinkExpired(NotFound):
    code = "link_expired"
    default = _("This link has expired.")


__all__ = [
    "BadRows",
    "BudgetShort",
    "FetchRefused",
    "Fixed",
    "FloorMissing",
    "ImportUnderWay",
    "Incomplete",
    "InvitationGone",
    "LinkExpired",
    "NoConfig",
    "NotEnoughMoney",
    "ReportedAlready",
    "TooLarge",
    "UnderReview",
    "WrongState",
]
