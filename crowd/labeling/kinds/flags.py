"""Flags on the cells of a row. Canonical answer: ``{column: [labels]}``, only columns that have one; none is ``{}``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from crowd.labeling import strict_json
from crowd.labeling.errors import AnswerError
from crowd.labeling.fields import Fields, kind_of, listed, meant, shown
from crowd.labeling.kinds.base import Common, Measure, Renaming
from crowd.labeling.kinds.labels import Labelled, accept_label, labels_schema, read_labels, renamed, strings
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import joined, say

MOST_COLUMNS = 1_000


@dataclass(frozen=True, kw_only=True)
class Flags(Labelled):
    """What is wrong with which cell. `columns` are those that may be flagged; empty: all that the row has."""

    kind: ClassVar[str] = "flags"
    measure: ClassVar[Measure] = "own"
    single: ClassVar[bool] = False

    columns: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        columns = () if fields.get("columns") is None else fields.names("columns", at_most=MOST_COLUMNS)
        return cls(**common, labels=read_labels(fields, at_least=1), columns=columns)

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> dict[str, list[str]] | None:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise AnswerError(path, say("This must be an object of columns, not %(kind)s.", kind=kind_of(value)))
        known = self.columns or tuple(scene.columns)
        return {
            self._column(column, known, path): self._labels(given, f"{path}.{column}")
            for column, given in sorted(value.items())
            if given not in ([], None)
        }

    def _column(self, column: str, known: tuple[str, ...], path: str) -> str:
        if known and column not in known:
            hint = meant(column, known) or say("They are %(names)s.", names=listed(known))
            sentence = joined(say("%(value)s is not one of the columns.", value=shown(column)), hint)
            raise AnswerError(f"{path}.{column}", sentence)
        return column

    def _labels(self, given: Any, path: str) -> list[str]:
        if not isinstance(given, list | tuple):
            raise AnswerError(path, say("This must be a list of labels, not %(kind)s.", kind=kind_of(given)))
        names = [accept_label(one, self.order, f"{path}[{place}]") for place, one in enumerate(given)]
        if len(set(names)) < len(names):
            raise AnswerError(path, say("A label is given twice."))
        return sorted(names, key=self.order.__getitem__)

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        cells = value.values() if isinstance(value, Mapping) else ()
        return [label for labels in cells for label in strings(labels)]

    def relabelled(self, value: Any, names: Renaming) -> dict[str, list[str]]:
        return {column: renamed(labels, names) for column, labels in value.items()}

    def from_cell(self, cell: str) -> Any:
        return strict_json.loads(cell)

    def own_json(self) -> dict[str, Any]:
        return {"labels": [label.to_json() for label in self.labels], "columns": list(self.columns)}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        column = {"type": "string", "minLength": 1, "maxLength": 200}
        columns = {"type": "array", "items": column, "maxItems": MOST_COLUMNS, "default": []}
        return {"properties": {"labels": labels_schema(1), "columns": columns}, "required": ["labels"]}
