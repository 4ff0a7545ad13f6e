"""The language a person reads: kept with the account for mail, and in a cookie of each browser for pages."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput


def faults(language: str) -> dict[str, str]:
    """What is wrong with it, as BadInput takes it: nothing where the site speaks it."""
    return {} if language in dict(settings.LANGUAGES) else {"language": _("The site does not speak this language.")}


def refuse_unknown(language: str) -> None:
    """Raises BadInput."""
    if wrong := faults(language):
        raise BadInput(errors=wrong)


def speak(response: Any, language: str) -> None:
    """Pages are in this language from the response on, in this browser."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
