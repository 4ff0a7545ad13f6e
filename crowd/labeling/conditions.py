"""When a question is asked: "only if the answer to an earlier question is, or contains, ...".

A condition may only name a question before its own, so that there are no circles and one pass decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol, TypeVar

from crowd.labeling.errors import ConfigError
from crowd.labeling.fields import Fields, listed, meant, shown
from crowd.labeling.speech import joined, say

TESTS = ("is", "is_not", "contains", "answered")
MOST = 20


class Kind(Protocol):
    """What a condition has to know of the kind of question that it is about (crowd.labeling.kinds)."""

    @classmethod
    def labels_in(cls, value: Any) -> list[str]: ...

    @classmethod
    def value_in(cls, value: Any) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Condition:
    """`test` one of TESTS on the answer to `question`; `value` what it is held against (True for "answered").

    is, is_not: one of a list of values, for kinds whose answer is one value. contains: any of these labels is in the
    answer, of whichever kind. answered: whether there is an answer at all, and not an empty one. `kind` is of the
    question it names.
    """

    question: str
    test: str
    value: Any
    kind: type[Kind] | None = field(default=None, compare=False, repr=False)

    def holds(self, answers: Mapping[str, Any]) -> bool:
        """Whether the question is to be asked after these answers; one that was not answered meets only "is_not"."""
        assert self.kind is not None, "conditions are bound to the questions they are about"
        said = answers.get(self.question)
        if self.test == "answered":
            return (said not in (None, [], {})) is bool(self.value)
        if self.test == "contains":
            return bool(set(self.kind.labels_in(said)) & set(self.value))
        return (self.kind.value_in(said) in self.value) == (self.test == "is")

    def to_json(self) -> dict[str, Any]:
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"question": self.question, self.test: value}


def is_asked(conditions: Sequence[Condition], answers: Mapping[str, Any]) -> bool:
    """Whether a question with these conditions is asked in a unit with these answers: all of them must hold."""
    return all(one.holds(answers) for one in conditions)


def conditions_of(question: Mapping[str, Any], kinds: Mapping[str, type[Kind]]) -> tuple[Condition, ...]:
    """The conditions of a question in canonical JSON; `kinds` has those of the questions before it, by id."""
    read = read_conditions(Fields({"when": question.get("when")}))
    return tuple(replace(one, kind=kinds[one.question]) for one in read)


def read_conditions(fields: Fields) -> tuple[Condition, ...]:
    """`when` of a question: one condition or a list of them. Raises ConfigError."""
    raw = fields.get("when")
    if raw is None:
        return ()
    if isinstance(raw, Mapping):
        return (_read(Fields(raw, fields.at("when"))),)
    rows = fields.list_of("when", at_least=0, at_most=MOST, what=say("conditions"))
    return tuple(_read(Fields(one, f"{fields.at('when')}[{place}]")) for place, one in enumerate(rows))


def _read(fields: Fields) -> Condition:
    question = fields.text("question", at_most=64)
    given = [test for test in TESTS if fields.has(test)]
    if len(given) != 1:
        raise ConfigError(fields.at("is"), say("A condition has exactly one of %(names)s.", names=", ".join(TESTS)))
    (test,) = given
    value: Any = fields.flag(test, default=True) if test == "answered" else _values(fields.get(test))
    fields.done()
    return Condition(question=question, test=test, value=value)


def _values(raw: Any) -> tuple[Any, ...]:
    return tuple(raw) if isinstance(raw, list | tuple) else (raw,)


class Asking(Kind, Protocol):
    """A question, as far as conditions go."""

    single: ClassVar[bool]
    labelled: ClassVar[bool]

    @property
    def id(self) -> str: ...

    @property
    def when(self) -> tuple[Condition, ...]: ...

    @property
    def label_names(self) -> Collection[str]: ...


Q = TypeVar("Q", bound=Asking)


def bound(questions: Sequence[Q]) -> tuple[Q, ...]:
    """The questions, each condition with the kind of the question it names: an earlier one, which may get such an
    answer. Raises ConfigError."""
    earlier: dict[str, Q] = {}
    for number, question in enumerate(questions):
        for place, one in enumerate(question.when):
            path = f"questions[{number}].when[{place}]"
            if one.question not in earlier:
                raise ConfigError(f"{path}.question", _unknown(one.question, earlier))
            _check_value(one, earlier[one.question], f"{path}.{one.test}")
        when = tuple(replace(one, kind=type(earlier[one.question])) for one in question.when)
        earlier[question.id] = replace(question, when=when)  # type: ignore[type-var]
    return tuple(earlier.values())


def _unknown(name: str, earlier: Mapping[str, Any]) -> str:
    hint = meant(name, earlier) or say("Before it come: %(names)s.", names=listed(earlier) or "-")
    return joined(say("%(value)s is not a question that is asked before this one.", value=shown(name)), hint)


def _check_value(condition: Condition, question: Asking, path: str) -> None:
    if condition.test == "answered":
        return
    labels = question.label_names
    if condition.test == "contains" and not question.labelled:
        raise ConfigError(path, say("%(value)s has no labels.", value=shown(question.id)))
    if condition.test != "contains" and not question.single:
        sentence = say("The answer to %(value)s is not one value: use contains.", value=shown(question.id))
        raise ConfigError(path, sentence)
    if not condition.value:
        raise ConfigError(path, say("This must not be empty."))
    for value in condition.value:
        if isinstance(value, list | Mapping) or value is None:
            raise ConfigError(path, say("%(value)s is no single value.", value=shown(value)))
        if labels and value not in labels:
            hint = meant(value, labels) or say("Its labels are %(names)s.", names=listed(labels))
            raise ConfigError(
                path,
                joined(
                    say("%(value)s is no label of %(question)s.", value=shown(value), question=shown(question.id)), hint
                ),
            )


def conditions_schema() -> dict[str, Any]:
    """JSON Schema of `when`. That names are known and earlier only `parse` says."""
    value = {"type": ["string", "number", "boolean"]}
    values = {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}
    one = {
        "type": "object",
        "properties": {
            "question": {"type": "string", "maxLength": 64},
            "is": values,
            "is_not": values,
            "contains": values,
            "answered": {"type": "boolean"},
        },
        "required": ["question"],
        "minProperties": 2,
        "maxProperties": 2,
        "additionalProperties": False,
    }
    return {"anyOf": [one, {"type": "array", "items": one, "maxItems": MOST}, {"type": "null"}], "default": []}
