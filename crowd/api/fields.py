"""How money, times and ids look in the API."""

from datetime import UTC
from functools import reduce
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crowd.kernel import crypto, money
from crowd.kernel.errors import BadInput, NotFound

MAX_ID = 2**63 - 1
TASK = "the task that a worker is shown"


class MoneyValue(serializers.Serializer[Any]):
    """An amount: exactly, as a number of micros (millionths of the unit), and as people write it."""

    micros = serializers.IntegerField()
    amount = serializers.CharField(help_text="In units of the currency, exact: “0.04”.")
    currency = serializers.CharField()


def money_value(micros: int, currency: str) -> dict[str, Any]:
    return {"micros": micros, "amount": money.digits(micros, currency), "currency": currency}


@extend_schema_field(MoneyValue)
class Money(serializers.Field[Any, Any, Any, Any]):
    """Out: the amount that the object holds in micros, with its currency. `None` stays null."""

    def __init__(self, micros: str, currency: str = "currency", **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)
        self.micros, self.currency = micros, currency

    def to_representation(self, value: Any) -> dict[str, Any] | None:
        micros = _attribute(value, self.micros)
        return None if micros is None else money_value(micros, _attribute(value, self.currency))


@extend_schema_field({"type": "string", "example": "12.50"})
class Amount(serializers.Field[int, Any, Any, Any]):
    """In: an amount in units of the currency, exact, as text; it becomes micros."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, str | int):
            raise serializers.ValidationError(_("Write the amount as text, such as “12.50”."))
        try:
            micros = money.parse(data)
        except BadInput as error:
            raise serializers.ValidationError(str(error.message)) from error
        if micros < 0:
            raise serializers.ValidationError(_("An amount cannot be negative."))
        return micros


class Time(serializers.DateTimeField):
    """ISO 8601 in UTC, whatever zone the reader lives in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)


class Id(serializers.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **options)


@extend_schema_field({"type": "integer"})
class TaskNumber(serializers.Field[Any, Any, Any, Any]):
    """A task as a worker names it. Its id would tell him when it came: known answers often come first, or together."""

    def to_representation(self, value: int) -> int:
        return crypto.veiled(value, TASK)

    @staticmethod
    def task_id(number: int) -> int:
        """Raises NotFound."""
        try:
            return crypto.unveiled(number, TASK)
        except ValueError as error:
            raise NotFound from error


def ids(**options: Any) -> serializers.ListField:
    """From 1 to 1,000 ids."""
    return serializers.ListField(child=Id(), min_length=1, max_length=1000, **options)


class _Shown:
    """Every field is shown, none is read: so the schema calls all of them required."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields: dict[str, serializers.Field[Any, Any, Any, Any]] = super().get_fields()  # type: ignore[misc]
        for field in fields.values():
            field.read_only = True
        return fields


class Row(_Shown, serializers.ModelSerializer[Any]):
    """A row of a table: the fields that are named, and no others."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {models.DateTimeField: Time}


class Facts(_Shown, serializers.Serializer[Any]):
    """Facts that come together in no table."""


def _attribute(value: Any, path: str) -> Any:
    return reduce(
        lambda part, name: part[name] if isinstance(part, dict) else getattr(part, name), path.split("."), value
    )
