"""Whom and where to pay: what may be told. Pure reading of fields; storing is `services.payout_profile`'s."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput
from workers.countries import COUNTRIES

BANK_TRANSFER = "bank_transfer"
PAYPAL = "paypal"
METHODS = (BANK_TRANSFER, PAYPAL)
ADULT = 18
OLDEST = 120
LONGEST = {"legal_name": 150, "address": 500}
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
ACCOUNT = re.compile(r"[A-Z0-9]{4,34}")
BANK_CODE = re.compile(r"[A-Z0-9]{3,15}")
# A spreadsheet takes a cell that begins so for a formula; no name, address or account does.
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Details:
    """As they stand encrypted in the profile. `destination` is an IBAN, "account at bank code", or an address."""

    legal_name: str
    address: str
    date_of_birth: str  # ISO
    country: str
    method: str
    destination: str


def read(fields: Mapping[str, str], *, today: date) -> Details:
    """The checked details; blanks are tidied. Raises BadInput that names every faulty field.

    Fields: legal_name, address, date_of_birth (ISO), country (ISO 3166-1), method, and for bank_transfer `iban`, or
    `account_number` with `bank_code`; for paypal `email`.
    """
    told = {name: _tidy(value or "") for name, value in fields.items()}
    method = told.get("method", "")
    faults = _faults_of_person(told, today)
    if method not in METHODS:
        faults["method"] = _("Choose one of: %(methods)s.") % {"methods": ", ".join(METHODS)}
    destination, more = _read_paypal(told) if method == PAYPAL else _read_bank(told)
    if faults or more:
        raise BadInput(errors=faults | (more if method in METHODS else {}))
    return Details(
        legal_name=told["legal_name"],
        address=told["address"],
        date_of_birth=told["date_of_birth"],
        country=told["country"].upper(),
        method=method,
        destination=destination,
    )


def masked(details: Details) -> dict[str, str]:
    """What its owner is shown to recognise it by. No sentence: it is stored, and read in any language."""
    first, at, domain = details.destination.partition("@")
    tail = f"{first[:1]}…@{domain}" if at else f"…{details.destination[-4:]}"
    return {"method": details.method, "destination": tail}


def is_iban(text: str) -> bool:
    """ISO 13616: the four first characters moved to the end, letters as 10 to 35, the number is 1 modulo 97."""
    if not IBAN.fullmatch(text):
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def _tidy(value: str) -> str:
    """Lines of an address are joined with commas, other blanks made one; what cannot be printed is left to fail."""
    lines = [" ".join(line.split()) for line in str(value).splitlines()]
    return ", ".join(line.rstrip(",") for line in lines if line)


def _faults_of_person(told: Mapping[str, str], today: date) -> dict[str, str]:
    faults = {}
    for name, longest in LONGEST.items():
        text = told.get(name, "")
        if not text or len(text) > longest:
            faults[name] = _("This is needed, with at most %(most)s characters.") % {"most": longest}
        elif text.startswith(FORMULA) or not text.isprintable():
            faults[name] = _("This begins with or contains a character that no name or address has.")
    if told.get("country", "").upper() not in COUNTRIES:
        faults["country"] = _("A country code of ISO 3166-1 is needed, such as DE.")
    if fault := _fault_of_birth(told.get("date_of_birth", ""), today):
        faults["date_of_birth"] = fault
    return faults


def _fault_of_birth(text: str, today: date) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return _("A date is written like 1990-12-31.")
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return _("There is no such day.")
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age > OLDEST or born > today:
        return _("Please check the year.")
    return "" if age >= ADULT else _("Only people of %(age)s or more can be paid.") % {"age": ADULT}


def _read_bank(told: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The destination, and the faults by field."""
    iban, account, code = (_compact(told.get(name, "")) for name in ("iban", "account_number", "bank_code"))
    if iban:
        return iban, {} if is_iban(iban) else {"iban": _("This IBAN is mistyped: its check digits do not fit.")}
    if not account and not code:
        return "", {"iban": _("An IBAN, or an account number with a bank code, is needed.")}
    faults = {}
    if not ACCOUNT.fullmatch(account):
        faults["account_number"] = _("An account number has 4 to 34 digits or letters.")
    if not BANK_CODE.fullmatch(code):
        faults["bank_code"] = _("A bank code (BIC, routing or sort code) has 3 to 15 digits or letters.")
    return f"{account} at {code}", faults


def _read_paypal(told: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    email = told.get("email", "")
    try:
        validate_email(email)
    except ValidationError:
        return "", {"email": _("This is not an e-mail address.")}
    if email.startswith(FORMULA):
        return "", {"email": _("An address that begins with this character cannot be written into a payment file.")}
    return email, {}


def _compact(text: str) -> str:
    """As people group the digits, with blanks and hyphens."""
    return re.sub(r"[\s-]", "", text).upper()
