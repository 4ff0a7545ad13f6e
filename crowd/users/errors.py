"""What can go wrong with people and organisations."""

from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import Conflict, NotAllowed, NotFound


class SecondFactorNeeded(NotAllowed):
    code = "second_factor_needed"
    default = _("Staff sign in with a second factor. Please set one up in your account first.")


class LastOwner(Conflict):
    """An organisation without an owner could never pay, hire or close anything again."""

    code = "last_owner"
    default = _("An organisation needs an owner: make somebody else an owner first.")


class AlreadyMember(Conflict):
    code = "already_member"
    default = _("This person is a member of the organisation already.")


class UnknownInvitation(NotFound):
    """No such token. A revoked one says no more than that either."""

    code = "unknown_invitation"
    default = _("This invitation does not exist or was withdrawn. Please ask for a new one.")


class SpentInvitation(Conflict):
    code = "spent_invitation"
    default = _("This invitation was used or is too old. Please ask for a new one.")


class AccountClosed(Conflict):
    code = "account_closed"
    default = _("This account is closed.")


class SomethingLeft(Conflict):
    """Raised by whoever knows of money or work that is still open, before an account is erased."""

    code = "something_left"
    default = _("The account can be erased once nothing is pending, held or available.")
