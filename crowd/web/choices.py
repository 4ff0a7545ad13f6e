"""Lists to choose from, in the reader's language."""

from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from workers.countries import COUNTRIES

LANGUAGES = (
    *("ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it"),
    *("ja", "ko", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "sw", "ta", "th", "tl"),
    *("tr", "uk", "ur", "vi", "zh"),
)


def countries(*, blank: bool = False) -> list[tuple[str, str]]:
    names = _reader().territories
    found = sorted(((code, names.get(code, code)) for code in COUNTRIES), key=lambda pair: pair[1])
    return [("", _("Choose …")), *found] if blank else found


def languages() -> list[tuple[str, str]]:
    names = _reader().languages
    return sorted(((code, names.get(code, code).capitalize()) for code in LANGUAGES), key=lambda pair: pair[1])


def country_name(code: str) -> str:
    return str(_reader().territories.get(code, code))


def language_name(code: str) -> str:
    return str(_reader().languages.get(code.split("-")[0], code)).capitalize()


def _reader() -> Locale:
    return Locale.parse((get_language() or "en").replace("-", "_"))
