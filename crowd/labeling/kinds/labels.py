"""The labels of a choice: names in a fixed order, each with what a page shows and the key that picks it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, listed, meant, shown
from crowd.labeling.kinds.base import Question
from crowd.labeling.speech import joined, say

MAX_LABELS = 10_000
MAX_NAME = 200
MAX_WORDS = 2_000
_COLOUR = re.compile("#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, kw_only=True)
class Label:
    """The name is what answers hold; title, key, colour (#rrggbb), description and example are for the page."""

    name: str
    title: str = ""
    key: str = ""
    colour: str = ""
    description: str = ""
    example: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Labelled(Question):
    """A question whose answers are made of the labels that its config lists."""

    labelled: ClassVar[bool] = True

    labels: tuple[Label, ...]

    @cached_property
    def order(self) -> dict[str, int]:
        """Label name to its position in the config."""
        return {label.name: position for position, label in enumerate(self.labels)}

    @property
    def own_labels(self) -> Collection[str]:
        return self.order


def read_labels(fields: Fields, *, at_least: int) -> tuple[Label, ...]:
    """The `labels` of a question: objects, or plain names; names and keys unique."""
    raw = fields.list_of("labels", at_least=at_least, at_most=MAX_LABELS, what=say("labels"))
    paths = [f"{fields.at('labels')}[{number}]" for number in range(len(raw))]
    labels = tuple(_read_label(one, path) for one, path in zip(raw, paths, strict=True))
    _refuse_twice([label.name for label in labels], paths, "name")
    _refuse_twice([label.key.casefold() for label in labels], paths, "key")
    return labels


def _read_label(raw: Any, path: str) -> Label:
    if not isinstance(raw, str | Mapping):
        raise ConfigError(path, say("A label is an object or its plain name, not %(kind)s.", kind=kind_of(raw)))
    fields = Fields({"name": raw} if isinstance(raw, str) else raw, path)
    label = Label(
        name=fields.text("name", at_most=MAX_NAME),
        title=fields.text("title", at_most=MAX_NAME, default=""),
        key=fields.text("key", at_most=1, default=""),
        colour=fields.text("colour", at_most=7, default=""),
        description=fields.text("description", at_most=MAX_WORDS, default=""),
        example=fields.text("example", at_most=MAX_WORDS, default=""),
    )
    fields.done()
    if "\n" in label.name or "\t" in label.name:
        raise ConfigError(fields.at("name"), say("A label's name is one line without tabs."))
    if label.colour and not _COLOUR.fullmatch(label.colour):
        raise ConfigError(
            fields.at("colour"), say("%(value)s is not a colour like #1a2b3c.", value=shown(label.colour))
        )
    return label


def _refuse_twice(values: Sequence[str], paths: Sequence[str], key: str) -> None:
    first: dict[str, str] = {}
    for value, path in zip(values, paths, strict=True):
        if value and value in first:
            raise ConfigError(
                f"{path}.{key}",
                say("%(value)s is already the %(key)s of %(first)s.", value=shown(value), key=key, first=first[value]),
            )
        first[value] = path


def accept_label(value: Any, order: dict[str, int], path: str) -> str:
    """The name of one label, exactly as the config spells it."""
    if not isinstance(value, str):
        raise AnswerError(path, say("This must be the name of a label, not %(kind)s.", kind=kind_of(value)))
    if value not in order:
        raise AnswerError(
            path,
            joined(
                say("%(value)s is not one of the labels %(names)s.", value=shown(value), names=listed(order)),
                meant(value, order),
            ),
        )
    return value


def strings(value: Any) -> list[str]:
    """The texts of a list; nothing of what is none."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def renamed(names: Any, becomes: Mapping[str, str | None]) -> list[str]:
    """Labels in other words, each once, without those that are dropped."""
    found = (becomes.get(name, name) for name in names)
    return list(dict.fromkeys(name for name in found if name is not None))


def labels_schema(at_least: int) -> dict[str, Any]:
    """JSON Schema of `labels`. That names and keys are unique is said only by `parse`."""
    name = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
    words = {"type": "string", "maxLength": MAX_WORDS, "default": ""}
    properties = {
        "name": name,
        "title": {"type": "string", "maxLength": MAX_NAME, "default": ""},
        "key": {"type": "string", "maxLength": 1, "default": ""},
        "colour": {"type": "string", "pattern": "^(#[0-9A-Fa-f]{6})?$", "default": ""},
        "description": words,
        "example": words,
    }
    label = {"type": "object", "properties": properties, "required": ["name"], "additionalProperties": False}
    return {"type": "array", "items": {"oneOf": [name, label]}, "minItems": at_least, "maxItems": MAX_LABELS}
