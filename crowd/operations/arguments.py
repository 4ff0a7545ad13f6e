"""What options of commands may be; argparse says which one is wrong, and why."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _


def share(text: str) -> Decimal:
    """Raises ArgumentTypeError outside of 0 to 1."""
    try:
        value = Decimal(text)
        inside = 0 <= value <= 1
    except InvalidOperation:  # no number, or not a number
        inside = False
    if not inside:
        raise ArgumentTypeError(_("%(text)s is not a share between 0 and 1.") % {"text": text})
    return value


def whole(least: int, most: int = 1_000_000) -> Callable[[str], int]:
    """The reader of whole numbers from `least` to `most`; it raises ArgumentTypeError for any other text."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
            bounds = {"text": text, "least": least, "most": most}
            raise ArgumentTypeError(_("%(text)s is not a number from %(least)d to %(most)d.") % bounds)
        return int(text)

    return read
