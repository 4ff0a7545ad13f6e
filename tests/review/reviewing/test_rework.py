"""Sent back to be answered once more: for more, by the guidelines as they are, and taking nothing from anybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from crowd.assignments.errors import GuidelinesUnread, NotHeld
from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.services import give_back, pause, recount, submit
from crowd.consensus.services.settle import settle
from crowd.gold.services import keys
from crowd.kernel import clock
from crowd.kernel.errors import Conflict
from crowd.notices.models import Notice
from crowd.projects.models import Project, Task
from crowd.projects.services import config
from crowd.review import jobs
from crowd.review.errors import NoReview
from crowd.review.models import TaskReview
from crowd.review.services import reviewing, reworks
from crowd.review.services.verdicts import Verdict
from crowd.users.models import User
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT
from tests.review.reviewing.answering import GOOD, answered, earned, say
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_what_was_made_gold_meanwhile_is_not_sent_back_nor_reviewed(
    project: Project, expert: Worker, requester: User
) -> None:
    answered(project)
    review = reviewing.take(worker=expert, project_id=project.pk)
    (other,) = Task.objects.filter(project=project).exclude(pk=review.task_id)
    for task in (review.task_id, other.pk):
        keys.make(actor=requester, project_id=project.pk, task_id=task, key="good")
    with pytest.raises(Conflict):  # it has no slot that the answer could keep
        reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="rework"))
    reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="fix"), value=GOOD)
    with pytest.raises(NoReview):
        reviewing.take(worker=expert, project_id=project.pk)
    all_is_well()


def test_who_is_paused_while_his_answer_is_sent_back_lets_it_stand_without_its_slot(
    project: Project, expert: Worker, requester: User
) -> None:
    _good, bad = answered(project)
    review = reviewing.take(worker=expert, project_id=project.pk)
    reviewing.decide(worker=expert, review_id=review.pk, verdicts=say(review, good="accept", bad="rework"))
    pause.pause(actor=requester, project_id=project.pk, worker_id=bad.pk, reason="Let us talk.")
    one = Assignment.objects.get(task=review.task_id, worker=bad)
    (inside,) = recount.due()
    recount.recount(inside)
    reworks.decline(worker=bad, assignment_id=one.pk)
    recount.recount(inside)
    one.refresh_from_db()
    assert (one.state, one.counts) == ("submitted", False)
    all_is_well()
