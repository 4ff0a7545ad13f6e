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
    """Qualifications that the site keeps. All but LANGUAGE are measured: read from the worker and granted by nobody."""

    ACCEPTED_COUNT = "accepted_count", _("accepted answers")
    ACCEPTANCE_RATE = "acceptance_rate", _("share of accepted answers, in per cent")
    LOCALE = "locale", _("country or region")
    ACCOUNT_AGE_DAYS = "account_age_days", _("days since joining")
    ADULT = "adult", _("agreed to see adult content (1) or not (0)")
    ACCURACY = "accuracy", _("accuracy on known answers, in per cent")  # one of each kind of work
    LANGUAGE = "language", _("language, tested")  # one of each language; earned by its test


MEASURED = tuple(one for one in System if one != System.LANGUAGE)
SINGLE = tuple(one for one in MEASURED if one != System.ACCURACY)  # there is one of each, from the first migration


class Guard(TextChoices):
    """What a requirement keeps those from who do not meet it; each keeps them from what comes after it, too.

    MTurk's ActionsGuarded: Accept, PreviewAndAccept, DiscoverPreviewAndAccept.
    """

    ACCEPT = "accept", _("taking a task")
    PREVIEW = "preview", _("taking a task and reading what is asked")
    DISCOVER = "discover", _("taking, reading, and seeing that the project is there")


class Asking(TextChoices):
    """What happens when a worker asks for a qualification."""

    NONE = "", _("workers cannot ask for it")
    DECIDED = "decided", _("a person decides")
    AT_ONCE = "at_once", _("it is granted at once")
    DOCUMENT = "document", _("staff verify a document")


class RequestState(TextChoices):
    OPEN = "open", _("waiting")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


REQUEST = Transitions({RequestState.OPEN: [RequestState.GRANTED, RequestState.REFUSED, RequestState.WITHDRAWN]})
