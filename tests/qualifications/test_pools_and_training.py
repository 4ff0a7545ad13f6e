"""Question pools, trainings with explanations, values by mapping, and passing again when the grant has ended."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.users.models import Organisation, User
from qualifications import queries
from qualifications.errors import AlreadySubmitted, AtOnceOrTest, NotNow, OneByOne
from qualifications.models import Grant, Qualification
from qualifications.services import attempts, catalogue
from qualifications.services.catalogue import Edit
from qualifications.services.marking import Feedback
from qualifications.services.tests import Rules, create_test
from tests import check, make, make_project
from workers.models import Worker

EXAM: dict[str, Any] = {"pass_mark": 50, "time_limit_s": 600, "retry_delay_s": 0}


@pytest.fixture
def moods(organisation: Organisation) -> Qualification:
    return make.make_qualification(organisation=organisation, name="Moods")


def items(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"payload": {"text": f"text {n}"}, "key": "good" if n % 2 else "bad"} | fields for n in range(count)]


def answers(paper: attempts.Paper) -> list[dict[str, Any]]:
    """All right: the key is in the number."""
    numbers = [int(item["units"][0]["text"].split()[-1]) for item in paper.items]
    return [{"mood": "good" if number % 2 else "bad"} for number in numbers]


def wrong(paper: attempts.Paper) -> list[dict[str, Any]]:
    return [{"mood": "bad" if one["mood"] == "good" else "good"} for one in answers(paper)]


def test_two_tries_get_different_questions(requester: User, worker: Worker, moods: Qualification) -> None:
    rows = items(6, pool="easy") + items(4, pool="hard")
    draw = {"easy": 3, "hard": 2}
    create_test(
        actor=requester,
        qualification_id=moods.pk,
        config=make_project.CHOICE,
        items=rows,
        rules=Rules(draw=draw, **EXAM),
    )
    tries = []
    for seed in range(3):
        paper = attempts.start_attempt(user=worker.user, qualification_id=moods.pk, random=Random(seed))
        again = attempts.start_attempt(user=worker.user, qualification_id=moods.pk)
        assert again.items == paper.items
        tries.append(set(paper.attempt.drawn))
        attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=wrong(paper))
    assert [len(one) for one in tries] == [5, 5, 5]
    assert all(sum(place < 6 for place in one) == 3 for one in tries)
    assert tries[0] & tries[1] == set()  # twice as many are there, so nothing comes twice
    paper = attempts.start_attempt(user=worker.user, qualification_id=moods.pk)
    passed = attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=answers(paper))
    assert (passed.score, passed.passed) == (100, True)
    check.all_is_well()


def test_a_training_explains_each_mistake_and_counts_first_answers(
    requester: User, worker: Worker, moods: Qualification
) -> None:
    rows = items(3, explanation="Count the letters.")
    rules = Rules(training=True, **EXAM | {"pass_mark": 60})
    create_test(actor=requester, qualification_id=moods.pk, config=make_project.CHOICE, items=rows, rules=rules)
    paper = attempts.start_attempt(user=worker.user, qualification_id=moods.pk)
    right = answers(paper)

    def say(place: int, given: dict[str, Any]) -> Feedback:
        return attempts.answer_item(user=worker.user, attempt_id=paper.attempt.pk, place=place, given=given)

    with pytest.raises(OneByOne):
        attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=right)
    with pytest.raises(BadInput):
        say(1, right[1])
    missed = say(0, {"mood": "good"})
    assert (missed.right, missed.answer, missed.explanation) == (False, {"units": [right[0]]}, "Count the letters.")
    assert say(0, {"mood": "good"}) == missed
    with pytest.raises(AlreadySubmitted):  # the first answer counts
        say(0, {"mood": "bad"})
    hit = say(1, right[1])
    assert (hit.right, hit.answer) == (True, None)
    done = say(2, right[2]).attempt
    assert (done.score, done.passed) == (66, True)
    assert Grant.objects.get().value == 66
    check.all_is_well()


def test_the_value_follows_the_mapping(requester: User, worker: Worker, moods: Qualification) -> None:
    mapping = {"kind": "range", "ranges": [{"from": 2, "to": 2, "value": 40}, {"from": 3, "to": 9, "value": 90}]}
    rules = Rules(mapping=mapping, **EXAM | {"pass_mark": 40})
    rows = [one | {"points": 1 + number} for number, one in enumerate(items(3))]
    create_test(actor=requester, qualification_id=moods.pk, config=make_project.CHOICE, items=rows, rules=rules)
    paper = attempts.start_attempt(user=worker.user, qualification_id=moods.pk)
    given = [wrong(paper)[0], answers(paper)[1], wrong(paper)[2]]
    done = attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=given)
    assert (done.score, done.passed) == (40, True)


def test_who_passed_may_renew_when_it_has_ended(requester: User, worker: Worker, moods: Qualification) -> None:
    catalogue.edit(actor=requester, qualification_id=moods.pk, changes=Edit(valid_days=30))
    rules = Rules(**EXAM | {"retry_delay_s": None})
    create_test(actor=requester, qualification_id=moods.pk, config=make_project.CHOICE, items=items(2), rules=rules)
    for _time in range(2):
        paper = attempts.start_attempt(user=worker.user, qualification_id=moods.pk)
        attempts.submit_attempt(user=worker.user, attempt_id=paper.attempt.pk, given=answers(paper))
        held = queries.held_by(worker, now=clock.now()).get()
        assert held.expires_at == held.granted_at + timedelta(days=30)
        with pytest.raises(NotNow):
            attempts.start_attempt(user=worker.user, qualification_id=moods.pk)
        clock.advance(timedelta(days=31))
        assert not queries.held_by(worker, now=clock.now()).exists()


@pytest.mark.parametrize(
    ("rows", "fields", "place"),
    [
        ([], {}, "items"),
        (items(2), {"draw": 3}, "draw"),
        (items(2), {"draw": {"easy": 1}}, "draw"),
        (items(2, pool="easy"), {"draw": 1}, "draw"),
        (items(2), {"draw": 0}, "draw"),
        (items(2, explanation="x" * 2001), {}, "items[0].explanation"),
        (items(2, colour="red"), {}, "items[0].colour"),
        (items(2, points=60), {"mapping": {"kind": "sum"}}, "mapping"),
        (items(2), {"mapping": {"kind": "sum"}}, "pass_mark"),  # two points reach no 50
    ],
)
def test_a_test_that_cannot_be_is_refused(
    requester: User, moods: Qualification, rows: list[dict[str, Any]], fields: dict[str, Any], place: str
) -> None:
    rules = Rules(**EXAM | fields)
    with pytest.raises(BadInput) as refused:
        create_test(actor=requester, qualification_id=moods.pk, config=make_project.CHOICE, items=rows, rules=rules)
    assert place in refused.value.data["errors"]
    assert not moods.tests.exists()


def test_a_test_and_being_granted_at_once_exclude_each_other(requester: User, moods: Qualification) -> None:
    catalogue.edit(actor=requester, qualification_id=moods.pk, changes=Edit(asking="at_once"))
    more: dict[str, Any] = {"config": make_project.CHOICE, "items": items(1), "rules": Rules(**EXAM)}
    with pytest.raises(AtOnceOrTest):
        create_test(actor=requester, qualification_id=moods.pk, **more)
    catalogue.edit(actor=requester, qualification_id=moods.pk, changes=Edit(asking="decided"))
    create_test(actor=requester, qualification_id=moods.pk, **more)
    with pytest.raises(AtOnceOrTest):
        catalogue.edit(actor=requester, qualification_id=moods.pk, changes=Edit(asking="at_once"))
