from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class GrantState(TextChoices):
    GRANTED = "granted", _("granted")
    REVOKED = "revoked", _("revoked")


GRANT = Transitions({GrantState.GRANTED: [GrantState.REVOKED], GrantState.REVOKED: [GrantState.GRANTED]})


class AttemptState(TextChoices):
    ACTIVE = "active", _("under way")
    SUBMITTED = "submitted", _("submitted")
    EXPIRED = "expired", _("out of time")


ATTEMPT = Transitions({AttemptState.ACTIVE: [AttemptState.SUBMITTED, AttemptState.EXPIRED]})


class Comparator(TextChoices):
    """MTurk's ten, by their names there."""

    LESS_THAN = "LessThan"
    LESS_THAN_OR_EQUAL = "LessThanOrEqualTo"
    GREATER_THAN = "GreaterThan"
    GREATER_THAN_OR_EQUAL = "GreaterThanOrEqualTo"
    EQUAL = "EqualTo"
    NOT_EQUAL = "NotEqualTo"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"
    IN = "In"
    NOT_IN = "NotIn"


class System(TextChoices):
    """Qualifications that nobody grants: their value is read from the worker."""

    ACCEPTED_COUNT = "accepted_count", _("accepted answers")
    ACCEPTANCE_RATE = "acceptance_rate", _("share of accepted answers, in per cent")
    LOCALE = "locale", _("country or region")
    ACCOUNT_AGE_DAYS = "account_age_days", _("days since joining")
