"""Tests: made from a label config and keys, taken in time, graded by machine, granting on passing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.users.models import AuditEntry, Organisation, User
from qualifications import queries
from qualifications.errors import AlreadySubmitted, AttemptOver, NotNow, SystemQualification
from qualifications.models import Attempt, Grant, Qualification
from qualifications.models import Test as Exam
from qualifications.services import attempts, catalogue, grants
from qualifications.services.catalogue import Edit
from qualifications.services.tests import Rules, create_test
from qualifications.states import AttemptState, GrantState, System
from tests import make
from tests.races import meeting, together
from workers.models import Worker
from workers.services import accounts, blocks, wishes
from workers.services.pseudonyms import pseudonym_for

CONFIG = {
    "data": {"kind": "text", "field": "word"},
    "questions": [
        {"id": "word_class", "kind": "choice", "text": "What is it?", "labels": ["noun", "verb"]},
        {"id": "tags", "kind": "multi-choice", "text": "Tags?", "labels": ["a", "b", "c"], "required": False},
        {"id": "letters", "kind": "number", "text": "How long?", "tolerance": 1, "required": False},
        {"id": "german", "kind": "text", "text": "In German?", "required": False},
    ],
}
ITEMS: list[dict[str, Any]] = [
    {"payload": {"word": "house"}, "key": {"word_class": "noun", "german": "Haus"}},
    {"payload": {"word": "run"}, "key": {"word_class": "verb", "tags": ["a", "b"]}},
    {"payload": {"units": [{"word": "see"}, {"word": "sea"}]}, "key": {"units": [{"letters": 3}, {"letters": 3}]}},
]
RIGHT: list[dict[str, Any]] = [
    {"word_class": "noun", "german": " HAUS "},
    {"word_class": "verb", "tags": ["b", "a"]},
    {"units": [{"word_class": "verb", "letters": 4}, {"word_class": "noun", "letters": 3}]},
]
RULES = Rules(pass_mark=60, time_limit_s=600, retry_delay_s=3600)
HOUR = timedelta(hours=1)


@pytest.fixture
def grammar(organisation: Organisation) -> Qualification:
    return make.make_qualification(organisation=organisation, name="Grammar")


@pytest.fixture
def exam(requester: User, grammar: Qualification) -> Exam:
    return create_test(actor=requester, qualification_id=grammar.pk, config=CONFIG, items=ITEMS, rules=RULES)


def wrong(*numbers: int) -> list[dict[str, Any]]:
    """The right answers, but not to these items."""
    spoilt: list[dict[str, Any]] = [
        {"word_class": "verb"},
        {"word_class": "noun"},
        {"units": [{"word_class": "noun"}] * 2},
    ]
    return [spoilt[number] if number in numbers else answer for number, answer in enumerate(RIGHT)]


def take(worker: Worker, grammar: Qualification, given: list[dict[str, Any]]) -> Attempt:
    paper = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    return attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=given)


def test_who_passes_holds_the_qualification_with_his_score(worker: Worker, grammar: Qualification, exam: Exam) -> None:
    attempt = take(worker, grammar, wrong(1))
    assert (attempt.state, attempt.score, attempt.passed) == (AttemptState.SUBMITTED, 66, True)
    held = Grant.objects.get()
    assert (held.worker, held.value, held.state, held.granted_by) == (worker, 66, GrantState.GRANTED, None)
    worker.refresh_from_db()
    assert worker.eligibility_version == 1
    assert AuditEntry.objects.get(action="grant").actor is None


@pytest.mark.parametrize(
    ("given", "score"),
    [
        (RIGHT, 100),
        (wrong(0), 66),
        (wrong(0, 1), 33),
        (wrong(0, 1, 2), 0),
        ([{"word_class": "noun", "german": "Hause"}, RIGHT[1], RIGHT[2]], 66),  # text must be the same
        ([{"word_class": "noun"}, RIGHT[1], RIGHT[2]], 66),  # left open is wrong
        ([RIGHT[0], {"word_class": "verb", "tags": ["a"]}, RIGHT[2]], 66),  # half of a set is wrong
        (
            [RIGHT[0], RIGHT[1], {"units": [{"word_class": "verb", "letters": 5}, RIGHT[2]["units"][1]]}],
            66,
        ),  # 5 is not 3±1
        ([{"cannot_answer": {"reason": "unclear"}}, RIGHT[1], RIGHT[2]], 66),
    ],
)
def test_grading(worker: Worker, grammar: Qualification, exam: Exam, given: list[dict[str, Any]], score: int) -> None:
    attempt = take(worker, grammar, given)
    assert (attempt.score, attempt.passed) == (score, score >= 60)
    assert Grant.objects.exists() is (score >= 60)


def test_the_paper_holds_no_key(worker: Worker, grammar: Qualification, exam: Exam) -> None:
    paper = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    assert paper.items == [{"units": [{"word": "house"}]}, {"units": [{"word": "run"}]}, ITEMS[2]["payload"]]
    shown = f"{paper.config}{paper.items}"
    assert "Haus'" not in shown
    assert "'key': {" not in shown
    assert paper.attempt.deadline == paper.attempt.started_at + timedelta(seconds=600)


def test_who_needs_more_time_has_it_in_a_test_too(worker: Worker, grammar: Qualification, exam: Exam) -> None:
    wishes.set_wishes(worker=worker, time_percent=200, shown_warnings=[])
    attempt = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk).attempt
    assert attempt.deadline == attempt.started_at + timedelta(seconds=1200)


def test_asking_again_gives_the_same_paper(worker: Worker, grammar: Qualification, exam: Exam) -> None:
    first = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    clock.advance(timedelta(seconds=600))
    assert attempts.start_attempt(user=worker.user, qualification_id=grammar.pk).attempt == first.attempt
    clock.advance(timedelta(seconds=1))
    with pytest.raises(NotNow) as refused:  # out of time, and the next try is not due yet
        attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    assert refused.value.data["retry_at"] == first.attempt.deadline + HOUR
    clock.advance(HOUR)
    again = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    assert again.attempt != first.attempt
    first.attempt.refresh_from_db()
    assert first.attempt.state == AttemptState.EXPIRED


def test_the_same_answers_again_are_the_same_result(worker: Worker, grammar: Qualification, exam: Exam) -> None:
    attempt = take(worker, grammar, RIGHT)
    spelt_otherwise = [{"units": [RIGHT[0]]}, {"tags": ["a", "b"], "word_class": "verb"}, RIGHT[2]]
    again = attempts.submit_attempt(user=worker.user, attempt_id=attempt.pk, given=spelt_otherwise)
    assert (again.pk, again.score, again.submitted_at) == (attempt.pk, 100, attempt.submitted_at)
    with pytest.raises(AlreadySubmitted) as refused:
        attempts.submit_attempt(user=worker.user, attempt_id=attempt.pk, given=wrong(0))
    assert refused.value.data["stored"] == attempt.answers
    assert AuditEntry.objects.filter(action="grant").count() == 1


def test_a_window_that_is_behind_hears_that_the_test_is_over(
    client: Client, worker: Worker, grammar: Qualification, exam: Exam
) -> None:
    client.force_login(worker.user, backend="django.contrib.auth.backends.ModelBackend")
    attempt = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk).attempt
    door = reverse("web:attempt-draft", args=[attempt.pk])
    typed = {"attempt": attempt.pk, "fields": {"u0.word_class": ["noun"]}}
    assert client.put(door, typed, content_type="application/json").json() == {"revision": 1}
    assert client.get(door).json() == {"fields": typed["fields"], "revision": 1}
    attempts.submit_attempt(user=worker.user, attempt_id=attempt.pk, given=RIGHT)
    assert client.get(door).json()["over"] == AttemptOver.default


def test_a_little_late_counts_and_too_late_does_not(
    worker: Worker, other_worker: Worker, grammar: Qualification, exam: Exam
) -> None:
    paper = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    late = attempts.start_attempt(user=other_worker.user, qualification_id=grammar.pk)
    clock.advance(timedelta(seconds=600) + attempts.GRACE)
    assert attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=RIGHT).passed
    clock.advance(timedelta(seconds=1))
    with pytest.raises(AttemptOver):
        attempts.submit_attempt(user=other_worker.user, attempt_id=late.attempt.pk, given=RIGHT)
    assert attempts.expire_overdue() == 1
    assert attempts.expire_overdue() == 0
    with pytest.raises(AttemptOver):
        attempts.submit_attempt(user=other_worker.user, attempt_id=late.attempt.pk, given=RIGHT)
    assert Grant.objects.count() == 1


def test_bad_answers_are_named_and_nothing_is_handed_in(worker: Worker, grammar: Qualification, exam: Exam) -> None:
    paper = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    given: list[Any] = [{"word_class": "adverb"}, {}, {"units": [{"word_class": "noun"}, {"letters": "x"}]}]
    with pytest.raises(BadInput) as refused:
        attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=given)
    places = list(refused.value.data["errors"])
    assert places[:2] == ["answers[0].word_class", "answers[1].word_class"]
    assert places[2].startswith("answers[2].units[1].")
    with pytest.raises(BadInput) as refused:
        attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=RIGHT[:2])
    assert list(refused.value.data["errors"]) == ["answers"]
    paper.attempt.refresh_from_db()
    assert paper.attempt.state == AttemptState.ACTIVE


def test_one_try_for_ever(requester: User, worker: Worker, grammar: Qualification) -> None:
    create_test(
        actor=requester,
        qualification_id=grammar.pk,
        config=CONFIG,
        items=ITEMS,
        rules=Rules(pass_mark=100, time_limit_s=600),
    )
    take(worker, grammar, wrong(0))
    clock.advance(1000 * HOUR)
    with pytest.raises(NotNow, match="only once"):
        attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)


def test_a_failed_worker_tries_again_after_the_delay(worker: Worker, grammar: Qualification, exam: Exam) -> None:
    failed = take(worker, grammar, wrong(0, 1))
    with pytest.raises(NotNow) as refused:
        attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    assert failed.submitted_at is not None
    assert refused.value.data["retry_at"] == failed.submitted_at + HOUR
    clock.advance(HOUR)
    assert take(worker, grammar, RIGHT).passed
    with pytest.raises(NotNow, match="already"):
        attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)


def test_what_ends_soon_is_renewed_before(worker: Worker, grammar: Qualification, exam: Exam) -> None:
    take(worker, grammar, RIGHT)
    Grant.objects.update(expires_at=clock.now() + timedelta(days=30))
    with pytest.raises(NotNow, match="already"):
        attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    clock.advance(timedelta(days=17))
    assert take(worker, grammar, RIGHT).passed
    assert Grant.objects.get().expires_at is None  # as this qualification's `valid_days` says


def test_what_was_taken_back_is_not_regained_by_the_test(
    requester: User, organisation: Organisation, worker: Worker, grammar: Qualification, exam: Exam
) -> None:
    code = pseudonym_for(organisation, worker)
    take(worker, grammar, RIGHT)
    grants.revoke(actor=requester, qualification_id=grammar.pk, worker=code, reason="had help")
    clock.advance(2 * HOUR)
    with pytest.raises(NotNow, match="had help"):
        attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)


def test_a_decision_by_hand_during_the_test_stands(
    requester: User, organisation: Organisation, worker: Worker, grammar: Qualification, exam: Exam
) -> None:
    code = pseudonym_for(organisation, worker)
    paper = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    clock.advance(timedelta(seconds=1))
    grants.grant(actor=requester, qualification_id=grammar.pk, worker=code, value=5)
    grants.revoke(actor=requester, qualification_id=grammar.pk, worker=code, reason="had help")
    assert attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=RIGHT).passed
    assert Grant.objects.get().state == GrantState.REVOKED


def test_an_attempt_keeps_the_version_it_began_with(
    requester: User, worker: Worker, grammar: Qualification, exam: Exam
) -> None:
    paper = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    newer = create_test(actor=requester, qualification_id=grammar.pk, config=CONFIG, items=ITEMS[:1], rules=RULES)
    assert newer.version == 2
    assert attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=RIGHT).score == 100


def test_who_may_not_take_it(
    requester: User,
    staff: User,
    worker: Worker,
    other_worker: Worker,
    grammar: Qualification,
    exam: Exam,
) -> None:
    paper = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk)
    blocked = make.make_worker()
    blocks.block_on_site(actor=staff, worker_id=blocked.pk, reason="x")
    closed = make.make_worker()
    accounts.close_account(user=closed.user)
    untested = make.make_qualification()
    doors: list[tuple[type[Exception], Callable[[], Any]]] = [
        (NotAllowed, lambda: attempts.start_attempt(user=requester, qualification_id=grammar.pk)),
        (NotNow, lambda: attempts.start_attempt(user=blocked.user, qualification_id=grammar.pk)),
        (NotNow, lambda: attempts.start_attempt(user=closed.user, qualification_id=grammar.pk)),
        (NotFound, lambda: attempts.start_attempt(user=worker.user, qualification_id=untested.pk)),
        (
            NotFound,
            lambda: attempts.submit_attempt(user=other_worker.user, attempt_id=paper.attempt.pk, given=RIGHT),
        ),
    ]
    for error, door in doors:
        with pytest.raises(error):
            door()
    catalogue.edit(actor=requester, qualification_id=grammar.pk, changes=Edit(active=False))
    with pytest.raises(NotFound):
        attempts.start_attempt(user=other_worker.user, qualification_id=grammar.pk)


def test_strangers_make_no_tests(requester: User, stranger: User, staff: User, grammar: Qualification) -> None:
    make_one = {"config": CONFIG, "items": ITEMS, "rules": RULES}
    with pytest.raises(NotFound):
        create_test(actor=stranger, qualification_id=grammar.pk, **make_one)  # type: ignore[arg-type]
    locale = make.system_qualification(System.LOCALE)
    with pytest.raises(SystemQualification):
        create_test(actor=staff, qualification_id=locale.pk, **make_one)  # type: ignore[arg-type]


def test_a_bad_test_is_refused_with_every_place(requester: User, grammar: Qualification) -> None:
    def places(config: Any = CONFIG, items: Any = ITEMS, rules: Rules = RULES) -> list[str]:
        with pytest.raises(BadInput) as refused:
            create_test(actor=requester, qualification_id=grammar.pk, config=config, items=items, rules=rules)
        return list(refused.value.data["errors"])

    bad_items: list[Any] = [
        ITEMS[0],
        {"payload": {"word": "x"}, "key": {"word_class": "adverb"}},
        {"payload": {"text": "x"}, "key": {"word_class": "noun"}},
        {"payload": {"word": "x"}, "key": {}},
        "what?",
        {"payload": {"units": []}, "key": {"word_class": "noun"}},
    ]
    assert places(items=bad_items) == [
        "items[1].key.word_class",
        "items[2].payload",
        "items[3].key.gold",
        "items[4].payload",
        "items[5].payload",
    ]
    assert places(config=CONFIG | {"qestions": []})[0].startswith("config.")
    assert places(items=[]) == ["items"]
    assert places(items=ITEMS * 67) == ["items"]
    rules = Rules(pass_mark=101, time_limit_s=1, retry_delay_s=-1)
    assert places(rules=rules) == ["pass_mark", "time_limit_s", "retry_delay_s"]
    assert not Exam.objects.exists()


def test_browsing_says_that_there_is_a_test(grammar: Qualification, exam: Exam, worker: Worker) -> None:
    assert [one.has_test for one in queries.listed()] == [True]  # type: ignore[attr-defined]
    take(worker, grammar, RIGHT)
    mine = queries.my_data(worker.user)
    assert mine["tests"][0]["score"] == 100
    assert mine["qualifications"][0]["value"] == 100
    assert queries.attempts_of(worker).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_start_one_attempt_and_submit_one_result() -> None:
    owner, worker = make.make_user(), make.make_worker()
    grammar = make.make_qualification(organisation=make.make_organisation(owner=owner))
    create_test(actor=owner, qualification_id=grammar.pk, config=CONFIG, items=ITEMS, rules=RULES)
    start = [lambda: attempts.start_attempt(user=worker.user, qualification_id=grammar.pk).attempt.pk] * 2
    assert len(set(together(*start))) == 1
    attempt = Attempt.objects.get()
    submit = [lambda: attempts.submit_attempt(user=worker.user, attempt_id=attempt.pk, given=RIGHT).score] * 2
    assert together(*submit) == [100, 100]
    assert AuditEntry.objects.filter(action="grant").count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_workers_lock_two_results_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, worker = make.make_user(), make.make_worker()
    grammar = make.make_qualification(organisation=make.make_organisation(owner=owner))
    create_test(actor=owner, qualification_id=grammar.pk, config=CONFIG, items=ITEMS, rules=RULES)
    attempt = attempts.start_attempt(user=worker.user, qualification_id=grammar.pk).attempt
    monkeypatch.setattr(attempts, "_lock", lambda one: one)
    monkeypatch.setattr(attempts, "_attempt_of", meeting(attempts._attempt_of))
    given = [RIGHT, wrong(0)]
    outcomes = together(
        *[lambda one=one: attempts.submit_attempt(user=worker.user, attempt_id=attempt.pk, given=one) for one in given]
    )
    assert {one.score for one in outcomes} == {100, 66}  # both believe to be the one
