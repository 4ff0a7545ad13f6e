"""Taking a test: start, hand in, run out of time. The key never leaves the server.

Every change of an attempt holds the lock of its Worker's row, so that one person is one person at a time.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.one_by_one import one_by_one
from crowd.labeling import config
from crowd.labeling.answers import AnswerValue
from crowd.labeling.errors import LabelingError
from crowd.users.models import User
from qualifications.access import qualification_for
from qualifications.errors import AlreadySubmitted, AttemptOver, NotNow, OneByOne, PayChanged
from qualifications.models import Attempt, Grant, Qualification, Test
from qualifications.services import test_pay
from qualifications.services.marking import Feedback, feedback, grade, items_of, read_answer
from qualifications.states import ATTEMPT, AttemptState, GrantState
from workers.access import worker_for
from workers.models import Worker
from workers.states import WorkerState

# The page hands in by itself at the deadline; a browser looks after a page that is not seen only once a minute, and the
# line may be slow.
GRACE = timedelta(seconds=90)


@dataclass(frozen=True)
class Paper:
    """What the worker gets to see: label config and payloads, in the order in which he answers. No key is in it."""

    attempt: Attempt
    config: dict[str, Any]
    items: list[dict[str, Any]]

    @property
    def answered(self) -> int:
        """How many items of a training are done: the next one has this place."""
        return len(self.attempt.answers or [])


def start_attempt(
    *,
    user: User,
    qualification_id: int,
    random: Random | None = None,
    pays_micros: int | None = None,
    pays_currency: str = "",
) -> Paper:
    """Begin; the clock runs from now. Asked again while it runs: the same paper.

    `pays_micros`, `pays_currency`: what the worker was told that it pays. Where items are drawn from pools, those that
    he has seen least in earlier tries come first. Raises PayChanged (it pays something else by now, and nothing is
    begun), NotFound, NotAllowed (no worker), NotNow: a worker who is blocked or closed, who holds the qualification,
    from whom it was taken back, whose one try is used up, or whose next try is not due yet (`retry_at`).
    """
    with transaction.atomic(durable=True):
        qualification = qualification_for(user, qualification_id)
        worker = _lock(worker_for(user))
        now = clock.now()
        running = _running(qualification, worker, now)
        if running is not None:
            return paper(running)
        test = _current_test(qualification)
        check_may_start(test, worker, now)
        promised = test_pay.promise(qualification, worker, now=now)
        _check_told(promised, pays_micros, pays_currency)
        attempt = Attempt.objects.create(
            **asdict(promised),
            test=test,
            qualification=qualification,
            worker=worker,
            drawn=_draw(test, worker, random or SystemRandom()),
            started_at=now,
            deadline=now + timedelta(seconds=test.time_limit_s * worker.time_percent // 100),
        )
    return paper(attempt)


def _check_told(promised: test_pay.Promise, micros: int | None, currency: str) -> None:
    if micros is None:
        return
    if promised.reward_micros != micros or (micros and currency and promised.currency != currency):
        raise PayChanged


def submit_attempt(*, user: User, attempt_id: int, given: Sequence[Any]) -> Attempt:
    """Hand in one answer an item, in order; graded at once, and granted when passed, with the value reached.

    Again with the same answers: the stored result. Raises AlreadySubmitted (other answers), AttemptOver, OneByOne (a
    training), NotFound (also for others' attempts), BadInput, whose `errors` name each wrong place
    ("answers[3].digit").
    """
    with transaction.atomic(durable=True):
        worker = _lock(worker_for(user))
        attempt = _attempt_of(worker, attempt_id)
        if attempt.test.training:
            raise OneByOne
        label_config = config.parse(attempt.test.config)
        read = _read(label_config, items_of(attempt), given)
        stored = [one.to_json() for one in read]
        if attempt.state == AttemptState.SUBMITTED:
            return _again(attempt, stored)
        now = clock.now()
        _check_in_time(attempt, now)
        grade(attempt, label_config, read, now)
    return attempt


def answer_item(*, user: User, attempt_id: int, place: int, given: Any) -> Feedback:
    """One item of a training, in order: what was right, and why. The last one is graded like an exam, by first answers.

    Again with the same answer: the same feedback. Raises as `submit_attempt`; BadInput out of turn.
    """
    with transaction.atomic(durable=True):
        worker = _lock(worker_for(user))
        attempt = _attempt_of(worker, attempt_id)
        if not attempt.test.training:
            raise OneByOne
        label_config, items = config.parse(attempt.test.config), items_of(attempt)
        said = list(attempt.answers or [])
        if not 0 <= place < len(items) or place > len(said):
            raise BadInput(errors={"item": _("The next item is number %(next)s.") % {"next": len(said)}})
        (read,) = _read(label_config, [items[place]], [given])
        if place < len(said):
            return _same(attempt, place, said[place], read)
        now = clock.now()
        _check_in_time(attempt, now)
        attempt.answers = [*said, read.to_json()]
        if len(attempt.answers) == len(items):
            grade(attempt, label_config, [*_stored(label_config, items, said), read], now)
        else:
            attempt.save(update_fields=["answers"])
        return feedback(attempt, place)


def expire_overdue(*, limit: int = 1000) -> int:
    """End the attempts whose time is over, each in a transaction of its own; how many. For a job."""
    overdue = Attempt.objects.filter(state=AttemptState.ACTIVE, deadline__lt=clock.now() - GRACE).order_by("pk")
    return one_by_one(_expire_one, [(attempt,) for attempt in overdue.select_related("worker")[:limit]])


def current_test(qualification: Qualification) -> Test | None:
    """The one that can be begun now."""
    return qualification.tests.order_by("-version").first() if qualification.active else None


def paper(attempt: Attempt) -> Paper:
    """What may be shown of the test that this attempt is about."""
    shown = [item["payload"] for item in items_of(attempt)]
    return Paper(attempt, attempt.test.config, shown)


def _expire_one(attempt: Attempt) -> bool:
    with transaction.atomic(durable=True):
        _lock(attempt.worker)
        return _expire(attempt)


def _expire(attempt: Attempt) -> bool:
    """Needs the worker's lock. False when it was handed in, or expired, in the meantime."""
    ours = Attempt.objects.filter(pk=attempt.pk, state__in=ATTEMPT.sources(AttemptState.EXPIRED))
    expired = bool(ours.update(state=AttemptState.EXPIRED))
    if expired:
        test_pay.give_back(attempt)
    return expired


def _lock(worker: Worker) -> Worker:
    return Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)


def _running(qualification: Qualification, worker: Worker, now: datetime) -> Attempt | None:
    active = Attempt.objects.filter(qualification=qualification, worker=worker, state=AttemptState.ACTIVE)
    attempt = active.select_related("test").first()
    if attempt is None or now <= attempt.deadline:
        return attempt
    _expire(attempt)
    return None


def _current_test(qualification: Qualification) -> Test:
    test = current_test(qualification)
    if test is None:
        raise NotFound(_("There is no test for this qualification."))
    return test


def check_may_start(test: Test, worker: Worker, now: datetime) -> None:
    """Raises NotNow, in words."""
    if worker.state != WorkerState.ACTIVE:
        raise NotNow(_("Blocked and closed workers take no tests."))
    held = Grant.objects.filter(qualification=test.qualification_id, worker=worker).first()
    if held is not None and held.state == GrantState.REVOKED:
        raise NotNow(_("This qualification was taken back from you. %(reason)s") % {"reason": held.reason})
    if held is not None and not held.ends_soon(now):
        raise NotNow(_("You hold this qualification already."))
    last = Attempt.objects.filter(qualification=test.qualification_id, worker=worker).order_by("-pk").first()
    if last is not None and not last.passed:  # who passed once and whose grant has ended renews it when he likes
        _check_retry(test, last, now)


def _check_retry(test: Test, last: Attempt, now: datetime) -> None:
    if test.retry_delay_s is None:
        raise NotNow(_("This test can be taken only once."))
    retry_at = (last.submitted_at or last.deadline) + timedelta(seconds=test.retry_delay_s)
    if now < retry_at:
        raise NotNow(_("You can take this test again later."), retry_at=retry_at)


def _attempt_of(worker: Worker, attempt_id: int) -> Attempt:
    found = Attempt.objects.select_related("test", "qualification__organisation").filter(pk=attempt_id, worker=worker)
    attempt = found.first()
    if attempt is None:
        raise NotFound(_("There is no such attempt of yours."))
    return attempt


def _read(label_config: config.LabelConfig, items: list[dict[str, Any]], given: Sequence[Any]) -> list[AnswerValue]:
    if len(given) != len(items):
        message = _("There are %(items)s items and %(answers)s answers.")
        raise BadInput(errors={"answers": message % {"items": len(items), "answers": len(given)}})
    faults: dict[str, str] = {}
    read = []
    for number, (item, value) in enumerate(zip(items, given, strict=True)):
        try:
            read.append(read_answer(label_config, item, value))
        except LabelingError as error:
            faults[f"answers[{number}].{error.path}".rstrip(".")] = error.message
    if faults:
        raise BadInput(errors=faults)
    return read


def _again(attempt: Attempt, stored: list[dict[str, Any]]) -> Attempt:
    if stored != attempt.answers:
        raise AlreadySubmitted(stored=attempt.answers)
    return attempt


def _same(attempt: Attempt, place: int, stored: dict[str, Any], read: AnswerValue) -> Feedback:
    if read.to_json() != stored:
        raise AlreadySubmitted(stored=stored)
    return feedback(attempt, place)


def _stored(
    label_config: config.LabelConfig, items: list[dict[str, Any]], said: list[dict[str, Any]]
) -> list[AnswerValue]:
    return [read_answer(label_config, item, one) for item, one in zip(items, said, strict=False)]


def _check_in_time(attempt: Attempt, now: datetime) -> None:
    if attempt.state == AttemptState.EXPIRED or now > attempt.deadline + GRACE:
        raise AttemptOver(deadline=attempt.deadline)


def _draw(test: Test, worker: Worker, random: Random) -> list[int]:
    """Places of items: so many of each pool, those seen least first, in random order; all in order without a draw."""
    places = list(range(len(test.items)))
    if not test.draw:
        return places
    tries = Attempt.objects.filter(test=test, worker=worker).values_list("drawn", flat=True)
    seen = Counter(place for drawn in tries for place in drawn)
    drawn: list[int] = []
    for pool, number in test.draw.items():
        inside = [place for place in places if test.items[place].get("pool", "") == pool]
        random.shuffle(inside)
        drawn += sorted(inside, key=lambda place: seen[place])[:number]
    random.shuffle(drawn)
    return drawn
