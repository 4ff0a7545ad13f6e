"""The label config: what is shown, what is asked, and what counts as right. JSON in, frozen dataclasses out."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from crowd.labeling.conditions import bound, read_conditions
from crowd.labeling.documents import FORMATS, MARKDOWN
from crowd.labeling.errors import ConfigError
from crowd.labeling.fields import Fields, listed, shown
from crowd.labeling.kinds import KINDS, Marks, Question, Relations, Spans
from crowd.labeling.kinds.base import (
    ASKS,
    FACT,
    ID_PATTERN,
    LEAST_WEIGHT,
    MAX_HELP,
    MAX_TEXT,
    MOST_WEIGHT,
    OPINION,
    Common,
)
from crowd.labeling.scene import Scene, scene_of
from crowd.labeling.speech import say

VERSION = 1
NEAR = 0.7  # the pass mark, where none is given, with a measure of its own: answers are seldom quite equal
MAX_QUESTIONS = 100
MAX_FIELD = 200
MAX_ALL_LABELS = 100_000
RESERVED = ("units", "cannot_answer")

DataKind = Literal["image", "text", "audio", "video", "row", "series"]
DATA_KINDS: tuple[str, ...] = get_args(DataKind)


@dataclass(frozen=True, kw_only=True)
class Data:
    """What a worker looks at: its kind, and the item's column that holds it. Only rows may leave the column empty.

    `format` says in which form a text is read (`documents.py`): plain, as Markdown, or as the turns of a chat. Spans
    count code points of the text as it came; so nothing is marked in Markdown, which is shown without its signs.

    `beside` is a second column with a picture: a pair that is looked at together, on which nothing is marked.

    `prediction` is the column that holds what a model answered (`predictions.py`), from where workers start.
    """

    kind: str
    field: str = ""
    format: str = "plain"
    beside: str = ""
    prediction: str = ""

    @property
    def pictured(self) -> tuple[str, ...]:
        """The columns that are shown: one, or of a pair two."""
        return (self.field, self.beside) if self.beside else (self.field,)

    def to_json(self) -> dict[str, str]:
        named = {"beside": self.beside, "prediction": self.prediction}
        return {"kind": self.kind, "field": self.field, "format": self.format} | {
            name: column for name, column in named.items() if column
        }

    def scene(self, unit: Mapping[str, Any]) -> Scene:
        """What one unit of a task's payload shows."""
        return scene_of(self.kind, self.field, unit)


@dataclass(frozen=True, kw_only=True)
class LabelConfig:
    """What is asked of one unit. `pass_mark` in (0, 1] is the gold score from which an answer is right."""

    data: Data
    questions: tuple[Question, ...]
    pass_mark: float = 1.0
    cannot_answer: bool = True

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the questions, in order."""
        return tuple(question.id for question in self.questions)

    def question(self, id: str) -> Question:
        """The question with this id; KeyError when there is none."""
        for question in self.questions:
            if question.id == id:
                return question
        raise KeyError(id)

    def to_json(self) -> dict[str, Any]:
        """The config as plain JSON with every default written out; parsing it gives an equal config."""
        return {
            "version": VERSION,
            "data": self.data.to_json(),
            "questions": [question.to_json() for question in self.questions],
            "pass_mark": self.pass_mark,
            "cannot_answer": self.cannot_answer,
        }


def parse(data: Mapping[str, Any]) -> LabelConfig:
    """A label config from its JSON object.

    `version` is the version of this format, not of a project's config. Raises ConfigError, which names the place:
    ``questions[0].labels[2].name``.
    """
    fields = Fields(data)
    fields.integer("version", default=VERSION, at_least=VERSION, at_most=VERSION)
    data_, questions = _read_data(fields), _read_questions(fields)
    _refuse_marks_on_a_pair(data_, questions)
    measured = any(question.scored and question.measure == "own" for question in questions)
    _check_marks(data_, questions)
    config = LabelConfig(
        data=data_,
        questions=questions,
        pass_mark=fields.number("pass_mark", default=NEAR if measured else 1.0, at_least=0, at_most=1),
        cannot_answer=fields.flag("cannot_answer", default=True),
    )
    if config.pass_mark == 0:
        raise ConfigError("pass_mark", say("A pass mark of 0 would make every answer right."))
    fields.done()
    return config


def _read_data(parent: Fields) -> Data:
    fields = Fields(parent.get("data", {}), "data")
    kind = fields.one_of("kind", DATA_KINDS)
    field = fields.text("field", at_most=MAX_FIELD, default="" if kind == "row" else None)
    format = fields.one_of("format", FORMATS, default=FORMATS[0])
    if kind != "text" and format != FORMATS[0]:
        raise ConfigError(fields.at("format"), say("Only texts have a format."))
    beside = fields.text("beside", at_most=MAX_FIELD, default="")
    if beside and (kind != "image" or beside == field):
        raise ConfigError(
            fields.at("beside"), say("Only a picture can stand beside another, from a column of its own.")
        )
    prediction = fields.text("prediction", at_most=MAX_FIELD, default="")
    if prediction and prediction in (field, beside):
        raise ConfigError(fields.at("prediction"), say("What a model answered stands in a column of its own."))
    fields.done()
    return Data(kind=kind, field=field, format=format, beside=beside, prediction=prediction)


def _refuse_marks_on_a_pair(data: Data, questions: Sequence[Question]) -> None:
    for number, question in enumerate(questions):
        if data.beside and isinstance(question, Marks):
            raise ConfigError(f"questions[{number}].kind", say("Nothing can be marked on a pair of pictures."))


def _read_questions(parent: Fields) -> tuple[Question, ...]:
    raw = parent.list_of("questions", at_least=1, at_most=MAX_QUESTIONS, what=say("questions"))
    questions = tuple(_read_question(Fields(one, f"questions[{number}]")) for number, one in enumerate(raw))
    seen: Counter[str] = Counter()
    for number, question in enumerate(questions):
        seen[question.id] += 1
        if seen[question.id] > 1:
            raise ConfigError(
                f"questions[{number}].id", say("%(value)s is the id of another question.", value=shown(question.id))
            )
    questions = bound(questions)
    for number, question in enumerate(questions):
        question.check_among({one.id: one for one in questions[:number]}, f"questions[{number}]")
    labels = sum(len(getattr(question, "labels", ())) for question in questions)
    if labels > MAX_ALL_LABELS:
        raise ConfigError(
            "questions",
            say("There are %(count)s labels in all; at most %(most)s are allowed.", count=labels, most=MAX_ALL_LABELS),
        )
    return questions


def _check_marks(data: Data, questions: tuple[Question, ...]) -> None:
    """What is marked in a text are its characters, and only those that stand there as they came."""
    for number, question in enumerate(questions):
        if data.kind != "text" or not isinstance(question, Marks):
            continue
        if not isinstance(question, Spans | Relations):
            sentence = say("In a text only spans and relations are marked, no %(kind)s.", kind=question.kind)
            raise ConfigError(f"questions[{number}].kind", sentence)
        if data.format == MARKDOWN:
            sentence = say(
                "Markdown is shown without its signs, so no %(kind)s can be marked in it: make it plain or chat.",
                kind=question.kind,
            )
            raise ConfigError(f"questions[{number}].kind", sentence)


def _read_question(fields: Fields) -> Question:
    kind = fields.one_of("kind", tuple(KINDS))
    asks = fields.one_of("asks", ASKS) if fields.get("asks") is not None else FACT
    common = Common(
        id=_read_id(fields),
        text=fields.text("text", at_most=MAX_TEXT),
        help=fields.text("help", at_most=MAX_HELP, default=""),
        required=fields.flag("required", default=True),
        scored=fields.flag("scored", default=asks == FACT),
        asks=asks,
        weight=fields.number("weight", default=1.0, at_least=LEAST_WEIGHT, at_most=MOST_WEIGHT),
        when=read_conditions(fields),
    )
    if asks == OPINION and common["scored"]:
        raise ConfigError(fields.at("scored"), say("An opinion has no right answer that gold could look at."))
    question = KINDS[kind].read(fields, common)
    fields.done()
    return question


def _read_id(fields: Fields) -> str:
    id = fields.text("id", at_most=64)
    if not re.fullmatch(ID_PATTERN, id):
        raise ConfigError(
            fields.at("id"), say("%(value)s is not a letter followed by letters, digits, - or _.", value=shown(id))
        )
    if id in RESERVED:
        raise ConfigError(fields.at("id"), say("No question may be called %(names)s.", names=listed(RESERVED)))
    return id


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a label config.

    What `to_json` gives is always valid. The schema cannot say that ids, names and keys are unique, or that bounds
    agree: only `parse` decides.
    """
    field = {"type": "string", "maxLength": MAX_FIELD}
    data = {
        "type": "object",
        "properties": {
            "kind": {"enum": list(DATA_KINDS)},
            "field": field,
            "format": {"enum": list(FORMATS), "default": "plain"},
            "beside": field | {"default": "", "description": "A second column with a picture, beside the first."},
            "prediction": field | {"default": "", "description": "The column with what a model answered."},
        },
        "required": ["kind"],
        "additionalProperties": False,
        "if": {"properties": {"kind": {"const": "row"}}},
        "else": {"properties": {"field": {"minLength": 1}}, "required": ["field"]},
    }
    questions = {"type": "array", "minItems": 1, "maxItems": MAX_QUESTIONS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Label config",
        "type": "object",
        "properties": {
            "version": {"const": VERSION, "default": VERSION},
            "data": data,
            "questions": questions | {"items": {"oneOf": [kind.schema() for kind in KINDS.values()]}},
            "pass_mark": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1,
                "description": f"Default: 1; {NEAR} where gold scores a kind whose answers are seldom quite equal.",
            },
            "cannot_answer": {"type": "boolean", "default": True},
        },
        "required": ["data", "questions"],
        "additionalProperties": False,
    }
