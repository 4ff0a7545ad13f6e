"""Shares and times as people say them: per cent, minutes, hours, days."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django import forms

STEP = Decimal("0.0001")


class PercentField(forms.DecimalField):
    """“95” is stored as 0.95."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=options.pop("min_value", 0), max_value=options.pop("max_value", 100), **options)
        self.widget.attrs |= {"class": "short"}

    def clean(self, value: Any) -> Decimal | None:
        given = super().clean(value)
        return None if given is None else (given / 100).quantize(STEP, rounding=ROUND_HALF_EVEN)

    def prepare_value(self, value: Any) -> Any:
        return f"{(value * 100).normalize():f}" if isinstance(value, Decimal) else value


class TimeField(forms.DecimalField):
    """So many minutes, hours or days (`each_s` seconds) as whole seconds."""

    def __init__(self, *, each_s: int, **options: Any) -> None:
        super().__init__(min_value=options.pop("min_value", 0), **options)
        self.each_s = each_s
        self.widget.attrs |= {"class": "short"}

    def clean(self, value: Any) -> int | None:
        given = super().clean(value)
        return None if given is None else round(given * self.each_s)

    def prepare_value(self, value: Any) -> Any:
        exact = Decimal(value) / self.each_s if isinstance(value, int) else None
        return value if exact is None else f"{round(exact, 3).normalize():f}"
