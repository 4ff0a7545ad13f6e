"""Money is an integer number of micros, one millionth of a currency's unit, and a currency code (ISO 4217).

XTS, the code that ISO 4217 reserves for testing, is test money: it can never become any other.
"""

from decimal import ROUND_CEILING, Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import format_currency
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crowd.kernel import speech
from crowd.kernel.errors import BadInput

MICROS = 1_000_000
TEST_CURRENCY = "XTS"
MAX_MICROS = 10**15  # a thousand million units: no honest amount is larger, and sums stay inside bigint

# Digits after the point of a currency's smallest coin, where it is not two (ISO 4217, table A.1).
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "ISK": 0, "BHD": 3, "KWD": 3, "TND": 3, "JOD": 3, "OMR": 3}


def currencies() -> list[str]:
    return [*settings.CROWD_CURRENCIES, TEST_CURRENCY]


def check_currency(code: str) -> str:
    if code not in currencies():
        raise BadInput(_("%(code)s is not a currency of this site.") % {"code": code}, allowed=currencies())
    return code


def parse(text: str | int | Decimal) -> int:
    """Micros from a decimal amount in units ("0.04" -> 40000). Raises BadInput when it is not exact."""
    try:
        amount = Decimal(str(text).strip())
    except InvalidOperation as error:
        raise BadInput(_("“%(text)s” is not an amount of money.") % {"text": text}) from error
    if not amount.is_finite():
        raise BadInput(_("“%(text)s” is not an amount of money.") % {"text": text})
    micros = amount * MICROS
    if micros != micros.to_integral_value():
        raise BadInput(_("An amount has at most six digits after the point."))
    if abs(micros) > MAX_MICROS:
        raise BadInput(_("This amount is too large."))
    return int(micros)


def decimal(micros: int) -> Decimal:
    """The exact amount in units."""
    return (Decimal(micros) / MICROS).normalize()


def text(micros: int, currency: str) -> str:
    """For people, in their language: $0.04, 0,04 €; as many digits as an amount below a coin needs, and test money by
    its code. What programs read is `digits`."""
    return _text(micros, currency, get_language())


@lru_cache(maxsize=4096)
def _text(micros: int, currency: str, language: str | None) -> str:
    """In the language of the moment, which is named so that it is remembered by it."""
    written: str = format_currency(
        Decimal(digits(micros, currency)),
        currency,
        locale=speech.locale(),
        decimal_quantization=False,
    )
    if currency != TEST_CURRENCY:
        return written
    apart = written.replace(currency, f"{currency}\u00a0", 1) if written.startswith(currency) else written
    return _("%(amount)s (test)") % {"amount": apart}


def digits(micros: int, currency: str) -> str:
    """The exact amount in units, with the coin's digits, and more where it needs them: "0.04", "0.0025"."""
    exact = Decimal(micros) / MICROS
    shown = max(minor_digits(currency), -int(exact.normalize().as_tuple().exponent), 0)
    return f"{exact:.{shown}f}"


def minor_digits(currency: str) -> int:
    return MINOR_DIGITS.get(currency, 2)


def whole_minor(micros: int, currency: str) -> int:
    """The largest amount of whole coins inside `micros`: what a payout can carry."""
    coin = MICROS // 10 ** minor_digits(currency)
    return int(micros // coin * coin)


def fee(reward_micros: int, rate: Decimal) -> int:
    """The platform's fee for one accepted assignment, rounded up once to a whole micro."""
    return int((Decimal(reward_micros) * rate).to_integral_value(rounding=ROUND_CEILING))
