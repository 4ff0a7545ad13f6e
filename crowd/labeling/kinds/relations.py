"""Relations between spans. Canonical mark: label, from and to, each a span ``[start, end]`` of the same answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, shown
from crowd.labeling.kinds.base import Question
from crowd.labeling.kinds.marks import LARGEST, Mark, Marks
from crowd.labeling.kinds.spans import Spans
from crowd.labeling.scene import Scene
from crowd.labeling.speech import say


@dataclass(frozen=True, kw_only=True)
class Relations(Marks):
    """`of` is the spans question whose spans they join; `directed` says whether from and to may be exchanged."""

    kind: ClassVar[str] = "relations"

    of: str
    directed: bool = True

    @classmethod
    def read_own(cls, fields: Fields) -> dict[str, Any]:
        return {"of": fields.text("of", at_most=64), "directed": fields.flag("directed", default=True)}

    def check_among(self, earlier: Mapping[str, Question], path: str) -> None:
        if not isinstance(earlier.get(self.of), Spans):
            sentence = say(
                "%(value)s is not a question about spans that is asked before this one.", value=shown(self.of)
            )
            raise ConfigError(f"{path}.of", sentence)

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        last = int(LARGEST) if scene.text is None else len(scene.text)
        one, other = _ends(mark, "from", last), _ends(mark, "to", last)
        if one == other:
            raise AnswerError(mark.at("to"), say("A relation joins two different spans."))
        if not self.directed and other < one:
            one, other = other, one
        return {"from": one, "to": other}

    def together(self, marks: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
        marks = sorted(marks, key=lambda one: (one["from"], one["to"], self.order[one["label"]]))
        if any(mark in marks[:place] for place, mark in enumerate(marks)):
            raise AnswerError(path, say("The same relation is given twice."))
        return marks

    def check_answer(self, value: Any, before: Mapping[str, Any], path: str) -> None:
        if self.of not in before:
            return
        known = [[span["start"], span["end"]] for span in before[self.of]]
        for place, mark in enumerate(value):
            for end in ("from", "to"):
                if mark[end] not in known:
                    sentence = say("%(value)s is none of the spans of this answer.", value=shown(mark[end]))
                    raise AnswerError(f"{path}[{place}].{end}", sentence)

    def own_json(self) -> dict[str, Any]:
        return super().own_json() | {"of": self.of, "directed": self.directed}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        own = super().own_schema()
        more = {"of": {"type": "string", "maxLength": 64}, "directed": {"type": "boolean", "default": True}}
        return own | {"properties": own["properties"] | more, "required": [*own["required"], "of"]}


def _ends(mark: Mark, key: str, last: int) -> list[int]:
    value = mark.get(key)
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(type(end) is int for end in value):
        raise AnswerError(mark.at(key), say("This must be a span: a list of its start and its end."))
    start, end = value
    if not 0 <= start < end <= last:
        sentence = say("%(value)s is no span of this text, which ends at %(last)s.", value=shown(value), last=last)
        raise AnswerError(mark.at(key), sentence)
    return [start, end]
