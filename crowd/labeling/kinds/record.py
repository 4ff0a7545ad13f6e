"""Record: values of named fields, each with a type and bounds: corrected cells, attributes, a form.

Canonical answer: ``{field: value}`` in the config's order, without the fields that were left empty.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Self

from crowd.labeling import strict_json
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, listed, meant, shown
from crowd.labeling.kinds.base import ID_PATTERN, Common, Measure, Question, Renaming
from crowd.labeling.kinds.number import LARGEST
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import joined, say
from crowd.labeling.words import clean

TYPES = ("text", "number", "integer", "date", "choice", "flag")
MOST_FIELDS = 200
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
MOST_TEXT = 5_000


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value: `minimum` and `maximum` bound numbers, `labels` are what a choice may be, `column` is where the page
    takes the value to correct from."""

    name: str
    type: str = "text"
    title: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    labels: tuple[str, ...] = ()
    column: str = ""

    @classmethod
    def read(cls, fields: Fields) -> Self:
        name = fields.text("name", at_most=64)
        if not re.fullmatch(ID_PATTERN, name):
            sentence = say("%(value)s is not a letter followed by letters, digits, - or _.", value=shown(name))
            raise ConfigError(fields.at("name"), sentence)
        field = cls(
            name=name,
            type=fields.one_of("type", TYPES, default="text"),
            title=fields.text("title", at_most=200, default=""),
            required=fields.flag("required", default=False),
            minimum=fields.optional_number("minimum", at_least=-LARGEST, at_most=LARGEST),
            maximum=fields.optional_number("maximum", at_least=-LARGEST, at_most=LARGEST),
            labels=() if fields.get("labels") is None else fields.names("labels", at_most=10_000),
            column=fields.text("column", at_most=200, default=""),
        )
        fields.done()
        if field.type == "choice" and len(field.labels) < 2:
            raise ConfigError(fields.at("labels"), say("A choice needs at least 2 labels."))
        if field.minimum is not None and field.maximum is not None and field.maximum < field.minimum:
            sentence = say("%(high)s is less than the minimum, %(low)s.", high=field.maximum, low=field.minimum)
            raise ConfigError(fields.at("maximum"), sentence)
        return field

    def accept(self, value: Any, path: str) -> Any:
        return getattr(self, f"_{self.type}")(value, path)

    def _text(self, value: Any, path: str) -> str | None:
        if not isinstance(value, str):
            raise AnswerError(path, say("This must be text, not %(kind)s.", kind=kind_of(value)))
        text = clean(value, path).strip()
        if len(text) > MOST_TEXT:
            sentence = say(
                "This has %(count)s characters; at most %(most)s are allowed.", count=len(text), most=MOST_TEXT
            )
            raise AnswerError(path, sentence)
        return text or None

    def _number(self, value: Any, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise AnswerError(path, say("This must be a number, not %(kind)s.", kind=kind_of(value)))
        low = -LARGEST if self.minimum is None else self.minimum
        high = LARGEST if self.maximum is None else self.maximum
        if not low <= value <= high:  # NaN is refused here too
            sentence = say("%(value)s is not between %(low)s and %(high)s.", value=shown(value), low=low, high=high)
            raise AnswerError(path, sentence)
        return int(value) if value == int(value) else value

    def _integer(self, value: Any, path: str) -> float:
        number = self._number(value, path)
        if isinstance(number, float):
            raise AnswerError(path, say("%(value)s is not a whole number.", value=shown(value)))
        return number

    def _date(self, value: Any, path: str) -> str:
        try:
            return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "").isoformat()
        except ValueError:
            raise AnswerError(path, say("%(value)s is not a date like 2026-03-31.", value=shown(value))) from None

    def _choice(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in self.labels:
            hint = meant(value, self.labels) or say("They are %(names)s.", names=listed(self.labels))
            sentence = joined(say("%(value)s is not one of the labels.", value=shown(value)), hint)
            raise AnswerError(path, sentence)
        return value

    def _flag(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            raise AnswerError(path, say("This must be true or false, not %(kind)s.", kind=kind_of(value)))
        return value

    def to_json(self) -> dict[str, Any]:
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        named = {"name": self.name, "type": self.type, "title": self.title, "required": self.required}
        return named | bounds | {"labels": list(self.labels), "column": self.column}


@dataclass(frozen=True, kw_only=True)
class Record(Question):
    """Corrected or read values. Gold scores the share of the key's fields that are right."""

    kind: ClassVar[str] = "record"
    measure: ClassVar[Measure] = "own"
    single: ClassVar[bool] = False

    fields: tuple[Field, ...]

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        raw = fields.list_of("fields", at_least=1, at_most=MOST_FIELDS, what=say("fields"))
        paths = [f"{fields.at('fields')}[{place}]" for place in range(len(raw))]
        found = tuple(Field.read(Fields(one, path)) for one, path in zip(raw, paths, strict=True))
        names = [field.name for field in found]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ConfigError(f"{paths[place]}.name", say("%(value)s is another field's name.", value=shown(name)))
        return cls(**common, fields=found)

    @cached_property
    def own_labels(self) -> Collection[str]:
        """Those of its choices, as `field.label`."""
        return {name: None for names in self._choices.values() for name in names}

    @cached_property
    def _choices(self) -> dict[str, dict[str, None]]:
        """By field."""
        return {
            field.name: dict.fromkeys(_within(field.name, label) for label in field.labels)
            for field in self.fields
            if field.type == "choice"
        }

    def gone_from(self, earlier: Question) -> list[str]:
        """Of the choices that are choices still."""
        return [name for name in super().gone_from(earlier) if _field_of(name) in self._choices]

    def may_become(self, name: str) -> Collection[str]:
        return self._choices.get(_field_of(name), ())

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        """What is typed too: only the config says which fields are choices."""
        said = value.items() if isinstance(value, Mapping) else ()
        return [_within(field, one) for field, one in said if isinstance(one, str)]

    def relabelled(self, value: Any, names: Renaming) -> dict[str, Any]:
        """Of the fields that there are still: an answer is not lost with one of them."""
        known = {field.name for field in self.fields}
        found = {field: _renamed(field, one, names) for field, one in value.items() if field in known}
        return {field: one for field, one in found.items() if one is not None}

    def retyped(self, value: Mapping[str, Any]) -> dict[str, Any]:
        types = {field.name: field.type for field in self.fields}
        return {name: _retyped(one, types.get(name)) for name, one in value.items()}

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> dict[str, Any] | None:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise AnswerError(path, say("This must be an object of fields, not %(kind)s.", kind=kind_of(value)))
        names = [field.name for field in self.fields]
        for name in value:
            if name not in names:
                hint = meant(name, names) or say("They are %(names)s.", names=listed(names))
                sentence = joined(say("%(value)s is not one of the fields.", value=shown(name)), hint)
                raise AnswerError(f"{path}.{name}", sentence)
        found = {field.name: self._one(field, value.get(field.name), f"{path}.{field.name}") for field in self.fields}
        kept = {name: one for name, one in found.items() if one is not None}
        return kept if kept or self.required else None

    def _one(self, field: Field, value: Any, path: str) -> Any:
        found = None if value is None or value == "" else field.accept(value, path)
        if found is None and field.required:
            raise AnswerError(path, say("This field must be filled in."))
        return found

    def from_cell(self, cell: str) -> Any:
        return strict_json.loads(cell)

    def own_json(self) -> dict[str, Any]:
        return {"fields": [field.to_json() for field in self.fields]}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        text = {"type": "string", "maxLength": 200, "default": ""}
        bound = {"type": ["number", "null"], "default": None}
        properties = {
            "name": {"type": "string", "pattern": ID_PATTERN},
            "type": {"enum": list(TYPES), "default": "text"},
            "title": text,
            "required": {"type": "boolean", "default": False},
            "minimum": bound,
            "maximum": bound,
            "labels": {"type": "array", "items": {"type": "string"}, "default": []},
            "column": text,
        }
        one = {"type": "object", "properties": properties, "required": ["name"], "additionalProperties": False}
        many = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_FIELDS}
        return {"properties": {"fields": many}, "required": ["fields"]}


def _within(field: str, label: str) -> str:
    """A field's name has no dot, a label may."""
    return f"{field}.{label}"


def _field_of(name: str) -> str:
    return name.partition(".")[0]


def _renamed(field: str, value: Any, names: Renaming) -> Any:
    """The field's value with its label in other words; None where that is dropped."""
    if not isinstance(value, str) or _within(field, value) not in names:
        return value
    becomes = names[_within(field, value)]
    return None if becomes is None else becomes.partition(".")[2]


def _retyped(value: Any, type: str | None) -> Any:
    """A number as text, and text that reads as a number as one; what cannot be read in the type stays as it is."""
    if type in ("text", "choice") and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if type in ("number", "integer") and isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)  # in a form that `accept` makes whole where it is
    return value
