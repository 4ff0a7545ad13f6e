"""Money is written one way for people, in their language, and one way for programs."""

import pytest
from django.template import Context, Template
from django.utils.translation import override

from crowd.kernel import money


@pytest.mark.parametrize(
    ("micros", "currency", "english", "german", "exact"),
    [
        (580_000, "USD", "$0.58", "0,58 $", "0.58"),
        (2_500, "EUR", "€0.0025", "0,0025 €", "0.0025"),
        (1_234_000_000, "USD", "$1,234.00", "1.234,00 $", "1234.00"),
        (-40_000, "USD", "-$0.04", "-0,04 $", "-0.04"),
        (5_000_000, "JPY", "¥5", "5 ¥", "5"),
        (40_000, "XTS", "XTS 0.04 (test)", "0,04 XTS (Test)", "0.04"),
    ],
)
def test_an_amount(micros: int, currency: str, english: str, german: str, exact: str) -> None:
    for language, said in (("en", english), ("de", german), ("en", english)):
        with override(language):
            assert money.text(micros, currency).replace("\u00a0", " ") == said
            page = Template("{% load crowd_web %}{{ micros|money:currency }}")
            assert page.render(Context({"micros": micros, "currency": currency})) == money.text(micros, currency)
            assert money.digits(micros, currency) == exact
