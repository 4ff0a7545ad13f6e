"""Spans: stretches of a text. Canonical mark: label, start, end in code points, the end past the last one; sorted."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from crowd.labeling.errors import AnswerError
from crowd.labeling.fields import Fields, kind_of, shown
from crowd.labeling.kinds.marks import LARGEST, Mark, Marks, check_size
from crowd.labeling.scene import Scene
from crowd.labeling.speech import say


@dataclass(frozen=True, kw_only=True)
class Spans(Marks):
    """Of the text as it was sent, in every format. Spans of one answer share characters only where `overlap` allows."""

    kind: ClassVar[str] = "spans"

    overlap: bool = False

    @classmethod
    def read_own(cls, fields: Fields) -> dict[str, Any]:
        return {"overlap": fields.flag("overlap", default=False)}

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        last = int(LARGEST) if scene.text is None else len(scene.text)
        start, end = _offset(mark, "start", last), _offset(mark, "end", last)
        if end <= start:
            raise AnswerError(mark.at("end"), say("This span ends before it begins."))
        check_size(end - start, self.min_size, mark.path)
        if scene.text is not None and not scene.text[start:end].strip():
            raise AnswerError(mark.path, say("There is only space in this span."))
        return {"start": start, "end": end}

    def together(self, marks: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
        marks = sorted(marks, key=lambda one: (one["start"], one["end"], self.order[one["label"]]))
        for one, other in pairwise(marks):
            if one == other:
                raise AnswerError(path, say("The same span is given twice, at %(start)s.", start=one["start"]))
            if not self.overlap and other["start"] < one["end"]:
                sentence = say("Two spans overlap at %(start)s, which is not allowed here.", start=other["start"])
                raise AnswerError(path, sentence)
        return marks

    def own_json(self) -> dict[str, Any]:
        return super().own_json() | {"overlap": self.overlap}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        own = super().own_schema()
        return own | {"properties": own["properties"] | {"overlap": {"type": "boolean", "default": False}}}


def _offset(mark: Mark, key: str, last: int) -> int:
    value = mark.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise AnswerError(mark.at(key), say("This must be a whole number, not %(kind)s.", kind=kind_of(value)))
    if not 0 <= value <= last:
        sentence = say("%(value)s is not between %(low)s and %(high)s.", value=shown(value), low=0, high=last)
        raise AnswerError(mark.at(key), sentence)
    return value
