"""The reader's language: what the Django-free packages say in it, and what Babel calls it."""

from typing import Any

from babel import Locale, UnknownLocaleError
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext

from crowd.labeling.speech import Message


def translated(text: "str | Promise") -> "str | Promise":
    """A message of crowd.labeling in the language of the moment; any other text as it is."""
    if not isinstance(text, Message):
        return text
    return gettext(text.template) % {name: _written(value) for name, value in text.values.items()}


def _written(value: Any) -> Any:
    if isinstance(value, int | float):
        return number_format(f"{value:.12g}" if isinstance(value, float) else value, force_grouping=True)
    return translated(value) if isinstance(value, str) else value


def locale() -> str:
    """The language of the moment as Babel calls it."""
    try:
        return str(Locale.parse((get_language() or "en").replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        return "en"
