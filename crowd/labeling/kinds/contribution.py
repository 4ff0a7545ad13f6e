"""Contribution: a text that is written or a file that is brought, and the consent to its use.

Canonical answer: ``{"text": ...}`` or ``{"file": id, "name": ..., "sha256": ...}``, and the ``consent`` that was given
and the ``licence``, word for word. Whoever stores an answer sees to it that the file is this worker's own
(crowd.assignments.services.contributions).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from crowd.labeling import strict_json
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, shown
from crowd.labeling.kinds.base import OPINION, Common, Measure, Question
from crowd.labeling.kinds.text import LONGEST
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import say
from crowd.labeling.words import clean

TEXT = "text"
TAKES = (TEXT, "image", "audio", "video", "document")
MOST_BYTES = 100 * 1024**2
MOST_SECONDS = 3_600
MOST_NAME = 255
MOST_CONSENT = 5_000


@dataclass(frozen=True, kw_only=True)
class Contribution(Question):
    """`takes` is what is collected. Of a text `min_length` to `max_length` code points; of a file at most `max_bytes`,
    of a recording `min_seconds` to `max_seconds`. `consent` is what the worker agrees to, `licence` what he gives.

    There is no right answer: it is always an opinion, gold never looks at it, and people decide what is accepted.
    """

    kind: ClassVar[str] = "contribution"
    measure: ClassVar[Measure] = "exact"
    single: ClassVar[bool] = False
    judged: ClassVar[bool] = False

    takes: str
    consent: str
    licence: str
    min_length: int = 1
    max_length: int = 5_000
    max_bytes: int = 20 * 1024**2
    min_seconds: float = 0
    max_seconds: float = MOST_SECONDS

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        if fields.get("scored") is True:
            raise ConfigError(
                fields.at("scored"), say("What people bring has no right answer that gold could look at.")
            )
        question = cls(
            **common,
            takes=fields.one_of("takes", TAKES),
            consent=fields.text("consent", at_most=MOST_CONSENT),
            licence=fields.text("licence", at_most=200),
            min_length=fields.integer("min_length", default=1, at_least=1, at_most=LONGEST),
            max_length=fields.integer("max_length", default=5_000, at_least=1, at_most=LONGEST),
            max_bytes=fields.integer("max_bytes", default=20 * 1024**2, at_least=1_000, at_most=MOST_BYTES),
            min_seconds=fields.number("min_seconds", default=0, at_least=0, at_most=MOST_SECONDS),
            max_seconds=fields.number("max_seconds", default=MOST_SECONDS, at_least=0.1, at_most=MOST_SECONDS),
        )
        for least, most in (("min_length", "max_length"), ("min_seconds", "max_seconds")):
            low, high = getattr(question, least), getattr(question, most)
            if high < low:
                sentence = say("%(high)s is less than the minimum, %(low)s.", high=high, low=low)
                raise ConfigError(fields.at(most), sentence)
        return replace(question, asks=OPINION, scored=False)

    @property
    def takes_file(self) -> bool:
        return self.takes != TEXT

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> dict[str, Any] | None:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise AnswerError(path, say("This must be an object, not %(kind)s.", kind=kind_of(value)))
        brought = ("file", "name", "sha256") if self.takes_file else ("text",)
        for key in value:
            if key not in (*brought, "consent", "licence"):
                raise AnswerError(f"{path}.{key}", say("%(value)s is not known here.", value=shown(key)))
        found = self._file(value, path) if self.takes_file else self._text(value.get("text"), f"{path}.text")
        return found | self._agreed(value, path)

    def _agreed(self, value: Mapping[str, Any], path: str) -> dict[str, str]:
        """True, or the words themselves, as an answer that is read again has them."""
        if value.get("consent") is not True and value.get("consent") != self.consent:
            raise AnswerError(f"{path}.consent", say("Without your consent it cannot be taken."))
        if value.get("licence", self.licence) != self.licence:
            raise AnswerError(f"{path}.licence", say("The licence is %(licence)s.", licence=shown(self.licence)))
        return {"consent": self.consent, "licence": self.licence}

    def _text(self, given: Any, path: str) -> dict[str, Any]:
        if not isinstance(given, str):
            raise AnswerError(path, say("This must be text, not %(kind)s.", kind=kind_of(given)))
        text = clean(given, path)
        if len(text) > self.max_length:
            sentence = say(
                "This has %(count)s characters; at most %(most)s are allowed.", count=len(text), most=self.max_length
            )
            raise AnswerError(path, sentence)
        if len(text.strip()) < self.min_length:
            raise AnswerError(path, say("At least %(min_length)s characters are needed.", min_length=self.min_length))
        return {"text": text}

    def _file(self, value: Mapping[str, Any], path: str) -> dict[str, Any]:
        file, name, sha256 = (value.get(key) for key in ("file", "name", "sha256"))
        if type(file) is not int or not 0 < file < 2**63:
            raise AnswerError(f"{path}.file", say("This must be the number of a file that was uploaded for this task."))
        if not isinstance(name, str) or len(name) > MOST_NAME:
            raise AnswerError(f"{path}.name", say("This must be the name of the file, as the upload told it."))
        if not isinstance(sha256, str) or not re.fullmatch("[0-9a-f]{64}", sha256):
            raise AnswerError(f"{path}.sha256", say("This must be the digest of the file, as the upload told it."))
        return {"file": file, "name": name, "sha256": sha256}

    def from_cell(self, cell: str) -> Any:
        return strict_json.loads(cell)

    def own_json(self) -> dict[str, Any]:
        said = {"takes": self.takes, "consent": self.consent, "licence": self.licence}
        lengths = {"min_length": self.min_length, "max_length": self.max_length, "max_bytes": self.max_bytes}
        return said | lengths | {"min_seconds": self.min_seconds, "max_seconds": self.max_seconds}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        seconds = {"type": "number", "minimum": 0, "maximum": MOST_SECONDS}
        length = {"type": "integer", "minimum": 1, "maximum": LONGEST}
        properties = {
            "takes": {"enum": list(TAKES)},
            "consent": {"type": "string", "minLength": 1, "maxLength": MOST_CONSENT},
            "licence": {"type": "string", "minLength": 1, "maxLength": 200},
            "min_length": length | {"default": 1},
            "max_length": length | {"default": 5_000},
            "max_bytes": {"type": "integer", "minimum": 1_000, "maximum": MOST_BYTES, "default": 20 * 1024**2},
            "min_seconds": seconds | {"default": 0},
            "max_seconds": seconds | {"default": MOST_SECONDS},
        }
        return {"properties": properties, "required": ["takes", "consent", "licence"]}
