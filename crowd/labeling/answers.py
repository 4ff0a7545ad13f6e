"""What an answer may be: checked against the label config and brought into one canonical form."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from crowd.labeling.conditions import is_asked
from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import AnswerError
from crowd.labeling.fields import kind_of, listed, meant
from crowd.labeling.fields import shown as written
from crowd.labeling.kinds import Question
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import joined, say
from crowd.labeling.strict_json import NotJson
from crowd.labeling.words import clean

NEEDS_EXPERT = "needs_expert"  # where a project has tiers, such answers send the task to specialists
REASONS = ("media_broken", "unclear", "no_label_fits", "harmful", "private_data", NEEDS_EXPERT)
MAX_COMMENT = 2_000


@dataclass(frozen=True, kw_only=True)
class CannotAnswer:
    """Why a worker could not answer the task; one of REASONS, and a comment that may be empty."""

    reason: str
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerValue:
    """One answer in canonical form: a value for each unit and question, or the reason why there is none.

    `units` has one dict a unit, question id to canonical value; a question left open has no key. It is empty where
    `cannot_answer` is set.
    """

    units: tuple[Mapping[str, Any], ...] = ()
    cannot_answer: CannotAnswer | None = None

    def to_json(self) -> dict[str, Any]:
        """The wire form, which is also what is stored."""
        if self.cannot_answer is not None:
            reason = {"reason": self.cannot_answer.reason, "comment": self.cannot_answer.comment}
            return {"cannot_answer": reason}
        return {"units": [copy.deepcopy(dict(unit)) for unit in self.units]}

    def canonical_bytes(self) -> bytes:
        """The same bytes for the same answer, however it was spelt: for comparing and hashing."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


Shown: TypeAlias = Sequence[Mapping[str, Any]]
"""The units of a task's payload: what marks must keep within. Empty: not known, and nothing is refused for it."""


def validate(config: LabelConfig, value: Any, units: int = 1, shown: Shown = ()) -> AnswerValue:
    """The answer in canonical form, from its wire form, for a task with so many units that show these columns.

    ``{"units": [{question id: value}, ...]}``, or for one unit just ``{question id: value}``, or
    ``{"cannot_answer": {"reason": ..., "comment": ...}}``. Raises AnswerError, which names the place:
    ``units[1].digit``. Validating the canonical form again changes nothing.
    """
    return read(config, value, units, shown, partly=False)


def read(config: LabelConfig, value: Any, units: int, shown: Shown = (), *, partly: bool) -> AnswerValue:
    """As `validate`; `partly` lets required questions stay open, as a key may leave them. Raises AnswerError."""
    if not isinstance(value, Mapping):
        raise AnswerError("", say("An answer must be an object, not %(kind)s.", kind=kind_of(value)))
    if "cannot_answer" in value:
        return AnswerValue(cannot_answer=_read_cannot_answer(config, value))
    scenes = [config.data.scene(unit) for unit in shown] or [ANYWHERE] * units
    if "units" not in value and units == 1:
        return AnswerValue(units=(_read_unit(config, value, "", scenes[0], partly=partly),))
    pairs = enumerate(zip(_listed_units(value, units), scenes, strict=True))
    found = (_read_unit(config, one, f"units[{n}]", scene, partly=partly) for n, (one, scene) in pairs)
    return AnswerValue(units=tuple(found))


def _listed_units(value: Mapping[str, Any], units: int) -> list[Any]:
    listed_units = value.get("units")
    for key in value:
        if key != "units" and listed_units is not None:
            raise AnswerError(str(key), say("Beside 'units' there may be nothing else."))
    if not isinstance(listed_units, list | tuple):
        raise AnswerError("units", say("This must be a list of %(units)s answers, one for each unit.", units=units))
    if len(listed_units) != units:
        raise AnswerError(
            "units",
            say("There are %(count)s answers; the task has %(units)s units.", count=len(listed_units), units=units),
        )
    return list(listed_units)


def _read_unit(config: LabelConfig, unit: Any, path: str, scene: Scene, *, partly: bool) -> dict[str, Any]:
    if not isinstance(unit, Mapping):
        raise AnswerError(path, say("This must be an object, not %(kind)s.", kind=kind_of(unit)))
    for key in unit:
        if key not in config.ids:
            hint = meant(key, config.ids) or say("The questions are %(names)s.", names=listed(config.ids))
            raise AnswerError(
                _join(path, str(key)), joined(say("%(value)s is not a question here.", value=written(key)), hint)
            )
    answers: dict[str, Any] = {}
    for question in config.questions:
        answer = _accepted(question, unit.get(question.id), _join(path, question.id), scene)
        _check_asked(question, answer, answers, _join(path, question.id), partly=partly)
        if answer is not None:
            question.check_answer(answer, answers, _join(path, question.id))
            answers[question.id] = answer
    return answers


def _accepted(question: Question, value: Any, path: str, scene: Scene) -> Any:
    """What cannot be read says itself what is wrong with it."""
    try:
        return question.accept(value, path, scene)
    except AnswerError:
        if isinstance(value, NotJson):
            inner = value.fault.path
            raise AnswerError(path + (inner if inner[:1] in ("", "[") else f".{inner}"), value.fault.message) from None
        raise


def _check_asked(question: Question, answer: Any, before: Mapping[str, Any], place: str, *, partly: bool) -> None:
    """Whether there may, or must, be an answer after the answers to the questions before it.

    A key that leaves open what a condition asks for may hold the answer all the same.
    """
    known = [one for one in question.when if not partly or one.question in before]
    if not is_asked(known, before):
        if answer is not None:
            raise AnswerError(place, say("This question is not asked after these answers: leave it out."))
    elif answer is None and question.required and not partly:
        raise AnswerError(place, say("This question must be answered."))


def _read_cannot_answer(config: LabelConfig, value: Mapping[str, Any]) -> CannotAnswer:
    if not config.cannot_answer:
        raise AnswerError("cannot_answer", say("This project asks for an answer in every case."))
    if len(value) > 1:
        raise AnswerError("cannot_answer", say("It stands for the whole task: beside it there may be nothing else."))
    given = value["cannot_answer"]
    if not isinstance(given, Mapping):
        raise AnswerError(
            "cannot_answer", say("This must be an object with a reason, not %(kind)s.", kind=kind_of(given))
        )
    for key in given:
        if key not in ("reason", "comment"):
            raise AnswerError(f"cannot_answer.{key}", say("%(value)s is not known here.", value=written(key)))
    return CannotAnswer(reason=_read_reason(given.get("reason")), comment=_read_comment(given.get("comment", "")))


def _read_reason(reason: Any) -> str:
    if not isinstance(reason, str) or reason not in REASONS:
        message = joined(
            say("%(value)s is not one of %(names)s.", value=written(reason), names=", ".join(REASONS)),
            meant(reason, REASONS),
        )
        raise AnswerError("cannot_answer.reason", message)
    return reason


def _read_comment(comment: Any) -> str:
    path = "cannot_answer.comment"
    if not isinstance(comment, str):
        raise AnswerError(path, say("This must be text, not %(kind)s.", kind=kind_of(comment)))
    text = clean(comment, path)
    if len(text) > MAX_COMMENT:
        raise AnswerError(
            path, say("This has %(count)s characters; at most %(most)s are allowed.", count=len(text), most=MAX_COMMENT)
        )
    return text


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
