"""The settings of a kind of question as form fields, made from the one description that there is of them.

That is the kind's JSON Schema (`Question.own_schema`). A kind that is added has its form with it; its words are in
`setting_words.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from crowd.labeling.kinds import KINDS
from crowd.web.forms import NeededChar, QuietForm
from crowd.web.requester.setup.lines import LabelsField, ListField, NodesField, PairsField
from crowd.web.requester.setup.setting_words import CHOICES, FIRST, GROUPS, WORDS, WORDS_OF, Words

LONG = 300  # characters: what may be longer has a field of several lines
HIDDEN = frozenset({"digest"})
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Earlier:
    """A question before this one, that conditions and relations may name."""

    id: str
    text: str
    kind: str


def kind_choices(data: str, kind: str) -> list[tuple[Words, list[tuple[str, Words]]]]:
    """The kinds that may be asked about such data, by group; `kind` is there in any case."""
    groups = ((title, [one for one in kinds if data in fitting or one[0] == kind]) for title, fitting, kinds in GROUPS)
    return [(title, list(kinds)) for title, kinds in groups if kinds]


def schema_of(kind: str) -> Mapping[str, Schema]:
    """Every setting that only this kind has."""
    found: Mapping[str, Schema] = KINDS[kind].own_schema()["properties"]
    return found


def needed(kind: str) -> frozenset[str]:
    return frozenset(KINDS[kind].own_schema().get("required", ()))


def fields_of(kind: str, earlier: Sequence[Earlier]) -> dict[str, forms.Field]:
    """The settings of one value, or of a list that is typed line by line; `rows_of` has the others."""
    found = {name: schema for name, schema in schema_of(kind).items() if not is_rows(schema)}
    fields = {name: field_for(kind, name, schema, needed=name in needed(kind)) for name, schema in found.items()}
    if "of" in fields:
        choices = [(one.id, f"{one.id}: {one.text}") for one in earlier if one.kind == "spans"]
        fields["of"] = forms.ChoiceField(choices=choices, **_words(kind, "of"))
    return fields


def rows_of(kind: str) -> dict[str, Schema]:
    """The settings that are lists of objects, each with the schema of one."""
    return {name: schema["items"] for name, schema in schema_of(kind).items() if is_rows(schema)}


def is_rows(schema: Schema) -> bool:
    return bool(schema.get("items", {}).get("type") == "object")


def is_first(kind: str, name: str) -> bool:
    """Whether it stands in sight at once."""
    return name in FIRST or name in needed(kind)


def field_for(kind: str, name: str, schema: Schema, *, needed: bool = False) -> forms.Field:
    """The form field of one setting."""
    if name in HIDDEN:
        return forms.CharField(required=False, widget=forms.HiddenInput)
    made = _maker(name, schema)(required=needed, **_words(kind, name), **_start(schema))
    if name == "labels":
        made.error_messages["required"] = gettext_lazy("This kind of question needs labels.")
    return made


def alike(one: Schema | None, other: Schema) -> bool:
    """Whether two kinds mean the same by a setting; how many there must be of it is another matter."""
    bounds = ("minItems", "maxItems")
    plain = [{key: value for key, value in each.items() if key not in bounds} for each in (one or {}, other)]
    return plain[0] == plain[1]


def row_form(kind: str, schema: Schema) -> type[QuietForm]:
    """A form for one object of a list."""
    must = schema.get("required", ())
    fields = {name: field_for(kind, name, one, needed=name in must) for name, one in schema["properties"].items()}
    return type("RowForm", (QuietForm,), fields)


def said(cleaned: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What was filled in; where nothing was, the kind's default holds."""
    return {name: cleaned[name] for name in names if cleaned.get(name) not in (None, "", [])}


def _words(kind: str, name: str) -> dict[str, Any]:
    label, hint = WORDS_OF.get((kind, name)) or WORDS[name]
    return {"label": label, "help_text": hint}


def _start(schema: Schema) -> dict[str, Any]:
    default = schema.get("default")
    return {} if default in (None, "", []) else {"initial": default}


def _maker(name: str, schema: Schema) -> Callable[..., forms.Field]:
    kinds = schema.get("type", "enum")
    kind = next(one for one in kinds if one != "null") if isinstance(kinds, list) else kinds
    makers: dict[str, Callable[..., forms.Field]] = {
        "enum": partial(forms.ChoiceField, choices=[(one, CHOICES[one]) for one in schema.get("enum", ())]),
        "boolean": _checked,
        "integer": partial(forms.IntegerField, **_bounds(schema)),
        "number": partial(forms.FloatField, **_bounds(schema)),
        "string": partial(_typed, most=schema.get("maxLength")),
        "array": _listed(name, schema.get("items", {})),
    }
    return makers[kind]


def _bounds(schema: Schema) -> dict[str, Any]:
    return {"min_value": schema.get("minimum"), "max_value": schema.get("maximum")}


def _checked(required: bool, **more: Any) -> forms.Field:
    return forms.BooleanField(required=False, **more)


def _typed(most: int | None, **more: Any) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": 3}) if most and most > LONG else forms.TextInput()
    return forms.CharField(max_length=most, widget=widget, **more)


def _listed(name: str, items: Schema) -> Callable[..., forms.Field]:
    own: dict[str, type[NeededChar]] = {"nodes": NodesField, "labels": LabelsField}
    if name in own and "type" not in items:
        return own[name]
    return PairsField if items.get("type") == "array" else ListField
