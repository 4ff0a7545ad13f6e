"""Experts' reviews: which tasks, what a verdict does, what it costs, and rework that takes nothing from anybody."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.errors import GuidelinesUnread, NotHeld
from crowd.assignments.models import Answer, Assignment, HeldBatch, Participation, Rejection
from crowd.assignments.services import give_back, reject, submit, take
from crowd.assignments.services.grounds import Grounds
from crowd.consensus.models import Consensus
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.close import close_project
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.notices.models import Notice
from crowd.projects.models import Project, Task
from crowd.projects.services import budget, config, publish
from crowd.review import jobs
from crowd.review.errors import NoReview, ReserveShort
from crowd.review.models import TaskReview
from crowd.review.services import held, plans, reviewing, reworks
from crowd.review.services.verdicts import Verdict
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT, make_open, texts
from tests.races import errors, together
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for

pytestmark = pytest.mark.django_db(transaction=True)
GOOD, BAD = ({"units": [{"mood": mood}]} for mood in ("good", "bad"))


@pytest.fixture
def expert(organisation: Organisation) -> Worker:
    return make.make_worker()


@pytest.fixture
def project(requester: User, organisation: Organisation, expert: Worker) -> Project:
    """Every task is reviewed for 10 cents, rework adds 2; the reserve holds 40 with their fees."""
    found = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=2)
    make.make_money(organisation, 40 * CENT)
    budget.add_budget(actor=requester, project_id=found.pk, reserve="review", amount_micros=40 * CENT)
    plans.set_plan(
        actor=requester, project_id=found.pk, share=1, reward_micros=10 * CENT, rework_reward_micros=2 * CENT
    )
    code = pseudonym_for(organisation, expert)
    plans.name_reviewer(actor=requester, project_id=found.pk, pseudonym=code)
    return found


def answer(worker: Worker, project: Project, mood: str = "good") -> Assignment:
    held = take.take_next(worker=worker, project_id=project.pk, guidelines_read=1, random=Random(1))
    return submit.submit(worker=worker, assignment_id=held.pk, value={"mood": mood}, take_next=False).assignment


def answered(project: Project) -> list[Worker]:
    """Two workers have answered everything: one that it is good, one that it is bad."""
    people = [make.make_worker(), make.make_worker()]
    for worker, mood in zip(people, ("good", "bad"), strict=True):
        for _task in range(2):
            answer(worker, project, mood)
    aggregate(project.pk)
    jobs.sweep()
    return people


def earned(worker: Worker) -> int:
    return balance(accounts.open(holder="worker", holder_id=worker.pk, purpose="available", currency="USD"))


def say(review: TaskReview, **deeds: str) -> list[Verdict]:
    """say(review, good="accept", bad="fix"): one deed for the answers of each kind."""
    found = Answer.objects.filter(task=review.task_id, assignment__for_review=False)
    return [
        Verdict(assignment_id=one.assignment_id, deed=deeds[one.value["units"][0]["mood"]], comment="Look again.")
        for one in found
    ]


def test_a_review_fixes_what_is_wrong_pays_everybody_and_counts_by_accuracy(
    project: Project, expert: Worker, worker: Worker
) -> None:
    with pytest.raises(NotFound):
        reviewing.take(worker=worker, project_id=project.pk)  # nobody has named him
    with pytest.raises(NoReview):
        reviewing.take(worker=expert, project_id=project.pk)
    people = answered(project)
    review = reviewing.take(worker=expert, project_id=project.pk)
    assert reviewing.take(worker=expert, project_id=project.pk) == review
    all_is_well()

    with pytest.raises(BadInput) as wrong:
        reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="fix")[:1])
    assert set(wrong.value.data["errors"]) == {"verdicts", "value"}
    reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="fix"), value=GOOD)

    assert [earned(one) for one in (*people, expert)] == [4 * CENT, 4 * CENT, 10 * CENT]
    project.refresh_from_db()
    assert project.review_reserve_micros == 28 * CENT
    aggregate(project.pk)
    merged = {one.task_id: one for one in Consensus.objects.all()}
    assert merged[review.task_id].value == "good"
    other = next(one for id, one in merged.items() if id != review.task_id)
    assert (merged[review.task_id].posterior or 0) > (other.posterior or 0)  # two say so, and the fixed one is silent
    with pytest.raises((NotFound, WrongState)):
        reviewing.decide(worker=expert, review_id=review.pk, verdicts=[], value=GOOD)
    all_is_well()


def test_sent_back_he_answers_once_more_for_more_and_it_is_reviewed_again(
    project: Project, expert: Worker, colleague: User, client: Client
) -> None:
    good, bad = answered(project)
    review = reviewing.take(worker=expert, project_id=project.pk)
    reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="rework"))
    one = Assignment.objects.get(task=review.task_id, worker=bad)
    assert (one.state, one.attempt, one.reward_micros) == ("active", 2, 6 * CENT)
    assert Notice.objects.get(user=bad.user, kind="sent_back").link == f"/work/tasks/{one.pk}/"
    with pytest.raises(NotHeld):
        give_back.return_task(worker=bad, assignment_id=one.pk)
    client.force_login(bad.user, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get(f"/api/v1/assignments/{one.pk}/").json()["sent_back"]
    assert (shown["attempt"], shown["reason"], shown["extra"]["micros"]) == (1, "Look again.", 2 * CENT)
    before = client.get(f"/api/v1/offers/{project.pk}/").json()["rework"]  # said before anybody takes a task
    assert (before["extra"]["micros"], before["hours"]) == (2 * CENT, 48)
    all_is_well()

    submit.submit(worker=bad, assignment_id=one.pk, value={"mood": "good"}, attempt=2, take_next=False)
    all_is_well()
    jobs.sweep()
    again = TaskReview.objects.get(task=review.task_id, round=2)
    assert again.cause == "rework"
    member = make.make_worker(user=colleague)  # reviews for nothing: it is his own project
    while (mine := reviewing.take(worker=member, project_id=project.pk)).pk != again.pk:
        reviewing.decide(worker=member, review_id=mine.pk, verdicts=say(mine, good="accept", bad="accept"), value=GOOD)
    verdicts = [Verdict(assignment_id=id, deed="accept") for id in standing(again)]
    reviewing.decide(worker=member, review_id=again.pk, verdicts=verdicts, value=GOOD)

    assert Assignment.objects.get(pk=one.pk).state == "accepted"
    assert (earned(good), earned(bad), earned(member)) == (8 * CENT, 10 * CENT, 0)
    assert Answer.objects.filter(assignment=one).count() == 2
    all_is_well()


def test_sent_back_he_answers_once_more_by_the_guidelines_as_they_are(
    project: Project, requester: User, expert: Worker, client: Client
) -> None:
    """He sees what changed, confirms it like before any task, and what changes later he need not know."""
    texts = ["Be kind.\nBe quick.", "Be kind.\nBe slow.", "Be kind."]
    config.set_guidelines(actor=requester, project_id=project.pk, text=texts[0])
    _good, bad = answered(project)
    config.set_guidelines(actor=requester, project_id=project.pk, text=texts[1])
    for _task in range(2):
        review = reviewing.take(worker=expert, project_id=project.pk)
        reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="rework"))
    one, two = Assignment.objects.filter(worker=bad).order_by("pk")
    client.force_login(bad.user, backend="django.contrib.auth.backends.ModelBackend")
    api, page = f"/api/v1/assignments/{one.pk}/", f"/work/tasks/{one.pk}/"
    shown = client.get(api).json()
    changes = [[" ", "Be kind."], ["-", "Be quick."], ["+", "Be slow."]]
    assert (shown["guidelines"]["text"], shown["sent_back"]["unread"]) == (texts[1], 2)
    assert shown["sent_back"]["changes"] == changes
    said = {"value": {"mood": "good"}, "take_next": False}
    refused = client.post(f"{api}submit/", said, content_type="application/json")
    assert (refused.status_code, refused.json()["code"], refused.json()["changes"]) == (
        409,
        "guidelines_unread",
        changes,
    )
    assert Answer.objects.filter(assignment=one).count() == 1

    assert client.get(page)["Location"] == f"{page}guidelines/"
    for version in ("1", "x" * 99):
        assert "Be slow." in client.post(f"{page}guidelines/", {"guidelines_read": version}).content.decode()
    assert client.post(f"{page}guidelines/", {"guidelines_read": "2"})["Location"] == page
    found = client.get(page).content.decode()
    for words in ("have changed since you answered", "<del>− Be quick.</del>", "<ins>+ Be slow.</ins>", "version 2"):
        assert words in found
    assert client.get(api).json()["sent_back"]["unread"] is None
    config.set_guidelines(actor=requester, project_id=project.pk, text=texts[2])
    done = client.post(f"{api}submit/", said, content_type="application/json").json()
    assert done["counted"]
    reworks.decline(worker=bad, assignment_id=two.pk)
    by = Assignment.objects.filter(worker=bad).order_by("pk").values_list("attempt", "guidelines__version")
    assert list(by) == [(2, 2), (1, 1)]
    all_is_well()


def test_what_was_sent_back_may_be_confirmed_with_the_answer(project: Project, requester: User, expert: Worker) -> None:
    _good, bad = answered(project)
    config.set_guidelines(actor=requester, project_id=project.pk, text="Be kind.")
    review = reviewing.take(worker=expert, project_id=project.pk)
    reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="rework"))
    one = Assignment.objects.get(task=review.task_id, worker=bad)
    again: dict[str, Any] = {"worker": bad, "assignment_id": one.pk, "value": {"mood": "good"}, "take_next": False}
    with pytest.raises(GuidelinesUnread):
        submit.submit(**again)
    submit.submit(**again, guidelines_read=1)
    one.refresh_from_db()
    assert one.guidelines is not None
    assert one.guidelines.version == Participation.objects.get(worker=bad).guidelines_read == 1
    all_is_well()


def standing(review: TaskReview) -> list[int]:
    rows = Assignment.objects.filter(task=review.task_id, for_review=False, state__in=("submitted", "accepted"))
    return list(rows.values_list("pk", flat=True))


@pytest.mark.parametrize("declines", [True, False])
def test_whoever_does_not_answer_again_loses_nothing(project: Project, expert: Worker, declines: bool) -> None:
    _good, bad = answered(project)
    review = reviewing.take(worker=expert, project_id=project.pk)
    reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="rework"))
    one = Assignment.objects.get(task=review.task_id, worker=bad)
    project.refresh_from_db()
    before = project.review_reserve_micros
    if declines:
        for _again in range(2):
            reworks.decline(worker=bad, assignment_id=one.pk)
    else:
        clock.advance(timedelta(hours=48))
        give_back.expire_due()
        jobs.sweep()

    one.refresh_from_db()
    assert (one.state, one.attempt, one.reward_micros, one.counts) == ("submitted", 1, 4 * CENT, True)
    project.refresh_from_db()
    assert project.review_reserve_micros == before + round(2.4 * CENT)  # with its fee
    all_is_well()
    clock.advance(timedelta(seconds=project.auto_accept_s))
    settle(project.pk)
    assert earned(bad) == 8 * CENT  # silence pays
    all_is_well()


def test_a_rejection_names_the_reviewer_and_a_second_level_decides_changes(
    project: Project, expert: Worker, requester: User, organisation: Organisation
) -> None:
    plans.set_plan(actor=requester, project_id=project.pk, two_levels=True)
    _good, bad = answered(project)
    review = reviewing.take(worker=expert, project_id=project.pk)
    first = reviewing.decide(
        worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="reject"), value=GOOD
    )
    assert not first.carried_out
    assert not Rejection.objects.exists()
    all_is_well()

    second = make.make_worker()
    code = pseudonym_for(organisation, second)
    plans.name_reviewer(actor=requester, project_id=project.pk, pseudonym=code, level=2)
    while (mine := reviewing.take(worker=second, project_id=project.pk)).level == 1:
        reviewing.decide(worker=second, review_id=mine.pk, verdicts=say(mine, good="accept", bad="accept"), value=GOOD)
    assert mine.task_id == review.task_id
    reviewing.decide(worker=second, review_id=mine.pk, verdicts=say(mine, good="accept", bad="reject"), value=GOOD)

    rejection = Rejection.objects.get()
    assert (rejection.rejected_by, rejection.assignment.worker) == (second.user, bad)
    assert rejection.facts == {"review": mine.pk}
    all_is_well()


def test_a_reviewers_rejections_wait_for_staff_like_the_requesters(
    project: Project, requester: User, expert: Worker, staff: User, settings: Any, client: Client
) -> None:
    """One of the two stands in the requester's batch already; the other comes to it in the reviewer's name."""
    settings.CROWD_HOLD_REJECTIONS_FROM = 1
    _good, bad = answered(project)
    ids = list(Assignment.objects.filter(worker=bad).order_by("pk").values_list("pk", flat=True))
    make.make_money(project.organisation, 10 * CENT)
    grounds = Grounds(evidence="written", reason="It is not bad at all.")
    reject.reject(actor=requester, project_id=project.pk, assignment_ids=ids[:1], grounds=grounds, reopen=True)
    for _task in range(2):
        review = reviewing.take(worker=expert, project_id=project.pk)
        reviewing.decide(
            worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="reject"), value=GOOD
        )
    assert not Rejection.objects.exists()
    batch = HeldBatch.objects.get()
    assert sorted(line["assignment"] for line in batch.lines) == ids  # a reviewer cannot wait until staff have looked
    assert Assignment.objects.filter(project=project, state="submitted").count() == 2
    all_is_well()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("web:staff:held-batch", args=[batch.pk])).content.decode()
    for said in ("It is not bad at all.", "Look again.", requester.get_full_name(), expert.user.get_full_name()):
        assert said in page

    assert held.let_pass(actor=staff, batch_id=batch.pk) == 2
    made = set(Rejection.objects.values_list("assignment", "rejected_by", "reason", "reopened"))
    assert made == {
        (ids[0], requester.pk, "It is not bad at all.", True),
        (ids[1], expert.user_id, "Look again.", False),
    }
    all_is_well()


def test_what_was_answered_once_more_is_not_what_was_to_be_rejected(
    project: Project, requester: User, expert: Worker, staff: User, settings: Any
) -> None:
    settings.CROWD_HOLD_REJECTIONS_FROM = 1
    _good, bad = answered(project)
    review = reviewing.take(worker=expert, project_id=project.pk)
    mine = Assignment.objects.get(worker=bad, task=review.task_id)
    grounds = Grounds(evidence="written", reason="It is not bad at all.")
    batch = reject.reject(actor=requester, project_id=project.pk, assignment_ids=[mine.pk], grounds=grounds).held
    assert batch is not None
    reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="rework"))
    submit.submit(worker=bad, assignment_id=mine.pk, value={"mood": "good"}, take_next=False)

    assert held.let_pass(actor=staff, batch_id=batch.pk) == 0
    mine.refresh_from_db()
    assert (mine.state, mine.attempt) == ("submitted", 2)
    all_is_well()


def test_the_reserve_holds_what_is_promised_or_nothing_is(
    project: Project, expert: Worker, requester: User, organisation: Organisation
) -> None:
    answered(project)
    plans.set_plan(actor=requester, project_id=project.pk, reward_micros=40 * CENT)
    with pytest.raises(ReserveShort) as short:
        reviewing.take(worker=expert, project_id=project.pk)
    assert short.value.data["free_micros"] == 40 * CENT
    plans.set_plan(actor=requester, project_id=project.pk, reward_micros=30 * CENT, rework_reward_micros=30 * CENT)
    review = reviewing.take(worker=expert, project_id=project.pk)
    with pytest.raises(ReserveShort):
        reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="rework"))
    assert Assignment.objects.filter(state="submitted").count() == 4  # nothing was done by half
    with pytest.raises(BadInput, match="wrong"):
        plans.set_plan(actor=requester, project_id=project.pk, share=2, rework_hours=0)
    publish.start_closing(actor=requester, project_id=project.pk)
    clock.advance(timedelta(seconds=project.auto_accept_s))
    assert close_project(project.pk)
    all_is_well()


def test_what_a_reviewer_has_in_hand_he_may_finish_and_is_paid_for_though_the_project_closes(
    project: Project, requester: User, expert: Worker, client: Client
) -> None:
    answered(project)
    review = reviewing.take(worker=expert, project_id=project.pk)
    publish.start_closing(actor=requester, project_id=project.pk)
    Assignment.objects.filter(project=project).update(due_at=clock.now())
    assert not close_project(project.pk)
    assert not Assignment.objects.filter(project=project, state="submitted").exists()  # nothing else is waited for
    all_is_well()

    client.force_login(expert.user, backend="django.contrib.auth.backends.ModelBackend")
    page = f"/work/reviews/{review.pk}/"
    assert "Reviews" in client.get("/work/").content.decode()
    fields = {f"deed-{one.assignment_id}": "accept" for one in say(review, good="accept", bad="accept")}
    said = fields | {"cannot_answer": "1", "reason": "unclear", "comment": "It is cut off."}
    assert client.post(page, fields).status_code == 400  # no answer of his own
    assert client.post(page, said).status_code == 302
    assert earned(expert) == 10 * CENT
    mine = Answer.objects.get(worker=expert)
    assert (mine.cannot_answer, mine.assignment.state) == ("unclear", "accepted")
    assert close_project(project.pk)
    assert "Reviews" not in client.get("/work/").content.decode()  # he reviews nowhere any more
    all_is_well()


def test_closing_waits_no_longer_than_a_reviewer_has_time(project: Project, requester: User, expert: Worker) -> None:
    answered(project)
    reviewing.take(worker=expert, project_id=project.pk)
    publish.start_closing(actor=requester, project_id=project.pk)
    Assignment.objects.filter(project=project).update(due_at=clock.now())
    assert not close_project(project.pk)
    clock.advance(reviewing.IN_HAND)
    assert close_project(project.pk)
    all_is_well()


def test_only_what_the_plan_names_is_reviewed(requester: User, organisation: Organisation, worker: Worker) -> None:
    found = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=2)
    plans.set_plan(actor=requester, project_id=found.pk, disagreement=True)
    for mood in ("good", "bad"):
        answer(other := make.make_worker(), found, mood)
        answer(other, found)
    aggregate(found.pk)
    for _again in range(2):
        jobs.sweep()

    (review,) = TaskReview.objects.all()
    assert review.cause == "differ"
    said = Answer.objects.filter(task=review.task_id).values_list("value", flat=True)
    assert {one["units"][0]["mood"] for one in said} == {"good", "bad"}
    plans.set_plan(actor=requester, project_id=found.pk, new_worker_answers=2)
    jobs.sweep()
    assert sorted(TaskReview.objects.values_list("cause", flat=True)) == ["differ", "new"]
    assert Task.objects.filter(reviews=None).count() == 0


def test_of_two_who_decide_at_once_one_is_paid(project: Project, expert: Worker) -> None:
    answered(project)
    review = reviewing.take(worker=expert, project_id=project.pk)
    verdicts = say(review, good="accept", bad="accept")

    def decide() -> Any:
        return reviewing.decide(worker=expert, review_id=review.pk, verdicts=verdicts, value=GOOD)

    done = together(decide, decide)

    assert len(errors(done)) == 1
    assert isinstance(errors(done)[0], Conflict)
    assert earned(expert) == 10 * CENT
    all_is_well()
