"""Comparisons of things beside each other: which of two, a ranking, the best and the worst.

What is compared are the labels: each names a thing, by default the row's column of that name.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from crowd.labeling import strict_json
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, shown
from crowd.labeling.kinds.base import Common, Measure, Renaming
from crowd.labeling.kinds.labels import (
    MAX_NAME,
    Label,
    Labelled,
    accept_label,
    labels_schema,
    read_labels,
    renamed,
    strings,
)
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import say
from crowd.labeling.words import clean

TIE = "tie"
MOST_COMPARED = 50
MOST_REASONS = 100
MOST_COMMENT = 5_000


@dataclass(frozen=True, kw_only=True)
class Comparison(Labelled):
    """The things compared, in the config's order; the page shows them in one that it draws anew for each task."""

    measure: ClassVar[Measure] = "own"
    most: ClassVar[int] = MOST_COMPARED

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        labels = read_labels(fields, at_least=2)
        if len(labels) > cls.most:
            raise ConfigError(fields.at("labels"), say("At most %(most)s things are compared.", most=cls.most))
        return cls(**common, labels=labels, **cls.read_own(fields, labels))

    @classmethod
    def read_own(cls, fields: Fields, labels: tuple[Label, ...]) -> dict[str, Any]:
        """The fields that only this kind has."""
        return {}

    def from_cell(self, cell: str) -> Any:
        return strict_json.loads(cell) if cell[:1] in "[{" else cell

    def own_json(self) -> dict[str, Any]:
        return {"labels": [label.to_json() for label in self.labels]}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        return {"properties": {"labels": labels_schema(2) | {"maxItems": cls.most}}, "required": ["labels"]}


@dataclass(frozen=True, kw_only=True)
class Pairwise(Comparison):
    """Which of two. Canonical answer: ``{"choice": name or "tie", "reasons": [...], "comment": ...}``, empty ones left
    out. The name alone is taken too. Gold and consensus are about the choice; reasons come as most gave them."""

    kind: ClassVar[str] = "pairwise"
    most: ClassVar[int] = 2

    tie: bool = True
    reasons: tuple[str, ...] = ()
    comment: bool = False

    @classmethod
    def read_own(cls, fields: Fields, labels: tuple[Label, ...]) -> dict[str, Any]:
        reasons = () if fields.get("reasons") is None else fields.names("reasons", at_most=MOST_REASONS)
        if any(label.name == TIE for label in labels):
            raise ConfigError(fields.at("labels"), say("No thing may be called %(names)s.", names=TIE))
        return {
            "tie": fields.flag("tie", default=True),
            "reasons": reasons,
            "comment": fields.flag("comment", default=False),
        }

    @property
    def label_names(self) -> Collection[str]:
        return (*super().label_names, *([TIE] if self.tie else []))

    @classmethod
    def value_in(cls, value: Any) -> Any:
        return value.get("choice") if isinstance(value, Mapping) else value

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        return strings([cls.value_in(value)])

    def relabelled(self, value: Any, names: Renaming) -> dict[str, Any] | None:
        """Reasons are no labels, and of a thing that is dropped nothing was said."""
        choice = names.get(value["choice"], value["choice"])
        return None if choice is None else {**value, "choice": choice}

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> dict[str, Any] | None:
        if value is None:
            return None
        given = {"choice": value} if isinstance(value, str) else value
        if not isinstance(given, Mapping):
            raise AnswerError(path, say("This must be an object with a choice, not %(kind)s.", kind=kind_of(value)))
        known = {"choice", *(["reasons"] if self.reasons else []), *(["comment"] if self.comment else [])}
        for key in given:
            if key not in known:
                raise AnswerError(f"{path}.{key}", say("%(value)s is not known here.", value=shown(key)))
        names = self.order | ({TIE: len(self.order)} if self.tie else {})
        found: dict[str, Any] = {"choice": accept_label(given.get("choice"), names, f"{path}.choice")}
        reasons = self._reasons(given.get("reasons") or [], f"{path}.reasons")
        comment = self._comment(given.get("comment") or "", f"{path}.comment")
        return found | ({"reasons": reasons} if reasons else {}) | ({"comment": comment} if comment else {})

    def _reasons(self, given: Any, path: str) -> list[str]:
        if not isinstance(given, list | tuple):
            raise AnswerError(path, say("This must be a list of labels, not %(kind)s.", kind=kind_of(given)))
        order = {reason: place for place, reason in enumerate(self.reasons)}
        names = [accept_label(one, order, f"{path}[{place}]") for place, one in enumerate(given)]
        return sorted(set(names), key=order.__getitem__)

    def _comment(self, given: Any, path: str) -> str:
        if not isinstance(given, str):
            raise AnswerError(path, say("This must be text, not %(kind)s.", kind=kind_of(given)))
        comment = clean(given, path).strip()
        if len(comment) > MOST_COMMENT:
            sentence = say(
                "This has %(count)s characters; at most %(most)s are allowed.", count=len(comment), most=MOST_COMMENT
            )
            raise AnswerError(path, sentence)
        return comment

    def own_json(self) -> dict[str, Any]:
        return super().own_json() | {"tie": self.tie, "reasons": list(self.reasons), "comment": self.comment}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        own = super().own_schema()
        name = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
        more = {
            "tie": {"type": "boolean", "default": True},
            "reasons": {"type": "array", "items": name, "maxItems": MOST_REASONS, "default": []},
            "comment": {"type": "boolean", "default": False},
        }
        return own | {"properties": own["properties"] | more}


@dataclass(frozen=True, kw_only=True)
class Ranking(Comparison):
    """All of them in order. Canonical answer: the names, best first."""

    kind: ClassVar[str] = "ranking"
    single: ClassVar[bool] = False

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        return strings(value)

    def relabelled(self, value: Any, names: Renaming) -> list[str]:
        return renamed(value, names)

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> list[str] | None:
        if value is None or (value == [] and not self.required):
            return None
        if not isinstance(value, list | tuple):
            raise AnswerError(path, say("This must be a list of names, best first, not %(kind)s.", kind=kind_of(value)))
        names = [accept_label(one, self.order, f"{path}[{place}]") for place, one in enumerate(value)]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise AnswerError(f"{path}[{place}]", say("%(value)s is given twice.", value=shown(name)))
        if len(names) < len(self.labels):
            missing = next(name for name in self.order if name not in names)
            raise AnswerError(path, say("%(value)s is missing from the ranking.", value=shown(missing)))
        return names


@dataclass(frozen=True, kw_only=True)
class BestWorst(Comparison):
    """The best and the worst of several. Canonical answer: ``{"best": name, "worst": name}``."""

    kind: ClassVar[str] = "best-worst"
    single: ClassVar[bool] = False

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        return strings([value.get("best"), value.get("worst")]) if isinstance(value, Mapping) else []

    def relabelled(self, value: Any, names: Renaming) -> dict[str, str | None]:
        return {end: names.get(name, name) for end, name in value.items()}

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> dict[str, str] | None:
        if value is None:
            return None
        if not isinstance(value, Mapping) or not value.keys() <= {"best", "worst"}:
            raise AnswerError(path, say("This must be an object of best and worst, not %(kind)s.", kind=kind_of(value)))
        found = {end: accept_label(value.get(end), self.order, f"{path}.{end}") for end in ("best", "worst")}
        if found["best"] == found["worst"]:
            raise AnswerError(f"{path}.worst", say("The best cannot be the worst."))
        return found
