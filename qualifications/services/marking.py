"""Marking an attempt: what its items were, whether an answer was right and why, and what the whole is worth."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crowd.labeling import answers, config
from crowd.labeling.answers import AnswerValue
from crowd.labeling.config import LabelConfig
from qualifications.answer_keys import ItemKey, read_key
from qualifications.mappings import mapped
from qualifications.models import Attempt, Grant
from qualifications.services import test_pay
from qualifications.services.grants import Award, award_many, ends_at
from qualifications.states import ATTEMPT, AttemptState, GrantState


@dataclass(frozen=True)
class Feedback:
    """After an item of a training. `answer` is the right one, where the worker's was not; an explanation may be ""."""

    attempt: Attempt
    place: int
    right: bool
    answer: dict[str, Any] | None
    explanation: str


def items_of(attempt: Attempt) -> list[dict[str, Any]]:
    """The items that this try is about, in the order in which they are asked. Keys and all: not for the worker."""
    items: list[dict[str, Any]] = attempt.test.items
    return [items[place] for place in attempt.drawn] if attempt.drawn else items


def read_answer(label_config: LabelConfig, item: dict[str, Any], value: Any) -> AnswerValue:
    """Raises LabelingError."""
    return answers.validate(label_config, value, len(item["payload"]["units"]))


def feedback(attempt: Attempt, place: int) -> Feedback:
    """About an answer that a training has got."""
    label_config, item = config.parse(attempt.test.config), items_of(attempt)[place]
    key = _key(label_config, item)
    right = key.points(label_config, read_answer(label_config, item, (attempt.answers or [])[place])) == key.most
    return Feedback(attempt, place, right, None if right else key.best(), item.get("explanation", ""))


def grade(attempt: Attempt, label_config: LabelConfig, read: list[AnswerValue], now: datetime) -> None:
    """The points of all items become a value by the test's mapping; who reaches the pass mark is granted it. Inner."""
    keys = [_key(label_config, item) for item in items_of(attempt)]
    points = sum(key.points(label_config, one) for key, one in zip(keys, read, strict=True))
    ATTEMPT.check(attempt.state, AttemptState.SUBMITTED)
    attempt.state = AttemptState.SUBMITTED
    attempt.submitted_at = now
    attempt.answers = [one.to_json() for one in read]
    attempt.score = mapped(attempt.test.mapping, points, most=sum(key.most for key in keys))
    attempt.passed = attempt.score >= attempt.test.pass_mark
    attempt.save()
    test_pay.pay(attempt, now=now)
    if attempt.passed:
        _award(attempt, now)


def _key(label_config: LabelConfig, item: dict[str, Any]) -> ItemKey:
    return read_key(label_config, item, len(item["payload"]["units"]))


def _award(attempt: Attempt, now: datetime) -> None:
    """Unless somebody decided about it by hand while the test was under way: then that stands."""
    held = Grant.objects.filter(qualification=attempt.qualification_id, worker=attempt.worker_id).first()
    if held is not None and (held.state == GrantState.REVOKED or held.granted_at > attempt.started_at):
        return
    award = Award(
        worker_id=attempt.worker_id,
        value=attempt.score or 0,
        reason=_("Test passed"),
        expires_at=ends_at(attempt.qualification, now),
    )
    award_many(attempt.qualification, [award], actor=None, now=now)
