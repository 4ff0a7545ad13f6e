"""Amounts of money as people type them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crowd.kernel import money
from crowd.kernel.errors import BadInput


class MoneyField(forms.CharField):
    """“0.04” to micros; a comma is taken for a point where there is no point."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=30, **options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).replace("\u00a0", "").replace(" ", "")
        if not text:
            return None
        if "." not in text:
            text = text.replace(",", ".")
        try:
            micros = money.parse(text)
        except BadInput as error:
            raise ValidationError(str(error.message)) from error
        if micros < 0:
            raise ValidationError(_("An amount cannot be negative."))
        return micros

    def prepare_value(self, value: Any) -> Any:
        return f"{money.decimal(value):f}" if isinstance(value, int) else value


def plain(micros: int) -> str:
    """For the value of an input: no currency, no thousands separators."""
    return f"{money.decimal(micros):f}"
