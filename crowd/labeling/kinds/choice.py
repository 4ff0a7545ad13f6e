"""Choice: exactly one label. Canonical answer: the label's name."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from crowd.labeling.fields import Fields
from crowd.labeling.kinds.base import Common, Measure, Renaming
from crowd.labeling.kinds.labels import Labelled, accept_label, labels_schema, read_labels
from crowd.labeling.scene import ANYWHERE, Scene

# One label would be no choice, and no truth inference can say anything about it.
_AT_LEAST = 2


@dataclass(frozen=True, kw_only=True)
class Choice(Labelled):
    """One of the labels; their order is the order of the classes in aggregation."""

    kind: ClassVar[str] = "choice"
    measure: ClassVar[Measure] = "exact"

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        return cls(**common, labels=read_labels(fields, at_least=_AT_LEAST))

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> str | None:
        return None if value is None else accept_label(value, self.order, path)

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        return [value] if isinstance(value, str) else []

    def relabelled(self, value: Any, names: Renaming) -> str | None:
        return names.get(value, value)

    def own_json(self) -> dict[str, Any]:
        return {"labels": [label.to_json() for label in self.labels]}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        return {"properties": {"labels": labels_schema(_AT_LEAST)}, "required": ["labels"]}
