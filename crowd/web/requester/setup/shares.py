"""Shares and times as people say them: per cent, minutes, hours, days."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

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


class IntervalsField(forms.CharField):
    """“50: 10, 200: 5” is 10 % from 50 tasks on, 5 % from 200 on."""

    def clean(self, value: Any) -> list[dict[str, Any]]:
        text = super().clean(value) or ""
        return [self._interval(part) for part in text.split(",") if part.strip()]

    def _interval(self, part: str) -> dict[str, Any]:
        start, _colon, share = part.partition(":")
        try:
            percent = Decimal(share.strip().rstrip("%").strip())
            return {"from": int(start), "share": str((percent / 100).quantize(STEP, rounding=ROUND_HALF_EVEN))}
        except (ValueError, InvalidOperation):
            raise forms.ValidationError(
                _("“%(part)s” is not a number of tasks, a colon, and a share in %%: 50: 10"),
                params={"part": part.strip()},
            ) from None

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return ", ".join(f"{one['from']}: {(100 * Decimal(one['share'])).normalize():f}" for one in value)


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
