"""Multi-choice: any number of labels within bounds. Canonical answer: a list of names in the config's order."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from crowd.labeling import strict_json
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, shown
from crowd.labeling.kinds.base import Common, Measure, Renaming
from crowd.labeling.kinds.labels import MAX_LABELS, Labelled, accept_label, labels_schema, read_labels, renamed, strings
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import say

SEPARATOR = "|"


@dataclass(frozen=True, kw_only=True)
class MultiChoice(Labelled):
    """A set of labels; the empty set is an answer ("none of them") where `at_least` is 0.

    Gold allows a share of `tolerance` of the labels in either set to be in one of them only (Jaccard distance).
    """

    kind: ClassVar[str] = "multi-choice"
    measure: ClassVar[Measure] = "same_set"
    single: ClassVar[bool] = False

    at_least: int = 0
    at_most: int | None = None
    tolerance: float = 0

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        labels = read_labels(fields, at_least=1)
        at_least = fields.integer("at_least", default=0, at_least=0, at_most=len(labels))
        at_most = None
        if fields.get("at_most") is not None:
            at_most = fields.integer("at_most", default=None, at_least=1, at_most=len(labels))
        if at_most is not None and at_most < at_least:
            raise ConfigError(
                fields.at("at_most"),
                say("%(at_most)s is less than at_least, %(at_least)s.", at_most=at_most, at_least=at_least),
            )
        tolerance = fields.number("tolerance", default=0, at_least=0, at_most=1)
        return cls(**common, labels=labels, at_least=at_least, at_most=at_most, tolerance=tolerance)

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> list[str] | None:
        if value is None or (value == [] and self.at_least and not self.required):
            return None
        if not isinstance(value, list | tuple):
            raise AnswerError(path, say("This must be a list of labels, not %(kind)s.", kind=kind_of(value)))
        if len(value) > len(self.labels):
            raise AnswerError(
                path, say("There are %(count)s labels here, more than the question has.", count=len(value))
            )
        names = [accept_label(one, self.order, f"{path}[{number}]") for number, one in enumerate(value)]
        self._check(names, path)
        return sorted(names, key=self.order.__getitem__)

    def _check(self, names: list[str], path: str) -> None:
        twice = [name for name, times in Counter(names).items() if times > 1]
        if twice:
            raise AnswerError(path, say("%(value)s is given twice.", value=shown(twice[0])))
        if len(names) < self.at_least:
            raise AnswerError(
                path,
                say(
                    "At least %(at_least)s labels are needed; %(count)s given.",
                    at_least=self.at_least,
                    count=len(names),
                ),
            )
        if self.at_most is not None and len(names) > self.at_most:
            raise AnswerError(
                path,
                say("At most %(at_most)s labels are allowed; %(count)s given.", at_most=self.at_most, count=len(names)),
            )

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        return strings(value)

    def relabelled(self, value: Any, names: Renaming) -> list[str]:
        return renamed(value, names)

    def from_cell(self, cell: str) -> Any:
        """Names separated by ``|``, or a JSON list. A cell that is a label's name as a whole is that label."""
        if cell in self.order:
            return [cell]
        if cell.startswith("["):
            return strict_json.loads(cell)
        return [part.strip() for part in cell.split(SEPARATOR)]

    def own_json(self) -> dict[str, Any]:
        labels = [label.to_json() for label in self.labels]
        return {"labels": labels, "at_least": self.at_least, "at_most": self.at_most, "tolerance": self.tolerance}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        properties = {
            "labels": labels_schema(1),
            "at_least": {"type": "integer", "minimum": 0, "maximum": MAX_LABELS, "default": 0},
            "at_most": {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_LABELS, "default": None},
            "tolerance": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
        }
        return {"properties": properties, "required": ["labels"]}
