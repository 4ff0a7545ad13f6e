"""Whether somebody proves himself by more than a password, as staff must outside the demo."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings


def is_missing(user: Any) -> bool:
    """True for a login without an authenticator where staff need one (CROWD_STAFF_SECOND_FACTOR)."""
    return bool(settings.CROWD_STAFF_SECOND_FACTOR) and not is_mfa_enabled(user)
