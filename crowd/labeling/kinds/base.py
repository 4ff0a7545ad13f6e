"""What every kind of question shares. A kind is a frozen dataclass in a file of its own beside this one."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, Self, TypedDict

from crowd.labeling.conditions import Condition, conditions_schema
from crowd.labeling.fields import Fields
from crowd.labeling.scene import ANYWHERE, Scene

# "own": crowd.quality.kinds knows how near two answers of this kind are.
Measure = Literal["exact", "same_set", "within", "same_text", "own"]

Renaming = Mapping[str, str | None]
"""Old label to new one, None where it is dropped; one that is not in it stays."""

FACT, OPINION = ASKS = ("fact", "opinion")
MAX_TEXT = 2_000
LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100
MAX_HELP = 10_000
ID_PATTERN = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"


class Common(TypedDict):
    """The fields every question has, as read from its object."""

    id: str
    text: str
    help: str
    required: bool
    scored: bool
    asks: str
    weight: float
    when: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """One question of a label config.

    `asks` says whether there is a right answer ("fact") or none ("opinion": no gold, no accuracy, no pay by consensus;
    its result is how the answers are spread). `scored` says whether gold looks at it, and `weight` how much it counts
    in a gold task's score beside the others. `when` says after which answers
    it is asked at all. `measure` names the comparison that gold uses for this kind;
    `accept` and `from_cell` are all that the rest of the house asks of a kind.
    """

    kind: ClassVar[str]
    measure: ClassVar[Measure]
    single: ClassVar[bool] = True  # whether an answer is, or has at its heart, one value
    labelled: ClassVar[bool] = False  # whether answers are made of labels
    judged: ClassVar[bool] = True  # whether there can be a right answer, for gold to look at

    id: str
    text: str
    help: str = ""
    required: bool = True
    scored: bool = True
    asks: str = FACT
    weight: float = 1.0
    when: tuple[Condition, ...] = ()

    @property
    def is_opinion(self) -> bool:
        return self.asks == OPINION

    @property
    def settles(self) -> bool:
        """Whether the answers themselves tell when enough of them are there: by how sure the merged one is, or by how
        far they agree. An opinion never does."""
        return not self.is_opinion

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The fields only this kind has, as its judge reads them (crowd.quality.kinds); to be read only."""
        return self.own_json()

    @classmethod
    @abstractmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        """The question from its config object; raises ConfigError. The caller refuses unknown keys."""

    @abstractmethod
    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> Any:
        """The canonical form of an answer, or None when it answers nothing; raises AnswerError at `path`.

        `scene` is what the unit shows: marks must lie within it.

        Canonical values are plain JSON, and accepting one again gives the same value.
        """

    def check_among(self, earlier: Mapping[str, "Question"], path: str) -> None:
        """Raises ConfigError where the question needs another one before it that is not there."""
        return None

    def check_answer(self, value: Any, before: Mapping[str, Any], path: str) -> None:
        """Raises AnswerError where a canonical answer does not fit the answers before it in the same unit."""
        return None

    @property
    def own_labels(self) -> Collection[str]:
        """The labels that the config gives it, which another version may rename; empty where there are none, or they
        are not at hand."""
        return ()

    def gone_from(self, earlier: "Question") -> list[str]:
        """The labels of an earlier version that this one does not have: of each must be said what it becomes."""
        return [name for name in earlier.own_labels if name not in self.own_labels]

    def may_become(self, name: str) -> Collection[str]:
        """The labels of this version that one of an earlier version may become."""
        return self.own_labels

    @property
    def label_names(self) -> Collection[str]:
        """The labels that an answer may hold."""
        return self.own_labels

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        """The labels that an answer holds, some perhaps twice; of what is no answer of this kind none."""
        return []

    @classmethod
    def value_in(cls, value: Any) -> Any:
        """The one value of an answer (`single`)."""
        return value

    def relabelled(self, value: Any, names: Renaming) -> Any:
        """A canonical answer with its labels in other words, without those that are dropped, still to be accepted;
        None where nothing is left."""
        return value

    def retyped(self, value: Any) -> Any:
        """A canonical answer to an earlier version, its values in the types of this one where they can be read as such,
        still to be accepted."""
        return value

    def from_cell(self, cell: str) -> Any:
        """What a gold cell of a CSV says, still to be accepted. By default the text itself."""
        return cell

    @abstractmethod
    def own_json(self) -> dict[str, Any]:
        """The fields only this kind has, as JSON."""

    @classmethod
    @abstractmethod
    def own_schema(cls) -> dict[str, Any]:
        """JSON Schema of the fields only this kind has: `properties` and, if any, `required`."""

    def to_json(self) -> dict[str, Any]:
        """The question as its full config object, every default written out."""
        common = {"id": self.id, "kind": self.kind, "text": self.text, "help": self.help}
        return (
            common
            | {"required": self.required, "scored": self.scored, "asks": self.asks, "weight": self.weight}
            | {"when": [one.to_json() for one in self.when]}
            | self.own_json()
        )

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """JSON Schema of this kind of question."""
        own = cls.own_schema()
        common: dict[str, Any] = {
            "id": {"type": "string", "pattern": ID_PATTERN, "not": {"enum": ["units", "cannot_answer"]}},
            "kind": {"const": cls.kind},
            "text": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
            "help": {"type": "string", "maxLength": MAX_HELP, "default": ""},
            "required": {"type": "boolean", "default": True},
            "scored": {"type": "boolean", "description": "Default: true for a fact, false for an opinion."},
            "asks": {"enum": list(ASKS), "default": FACT},
            "weight": {
                "type": "number",
                "minimum": LEAST_WEIGHT,
                "maximum": MOST_WEIGHT,
                "default": 1,
                "description": "How much it counts in a gold task's score beside the other questions.",
            },
            "when": conditions_schema(),
        }
        return {
            "type": "object",
            "properties": common | own["properties"],
            "required": ["id", "kind", "text", *own.get("required", [])],
            "additionalProperties": False,
        }
