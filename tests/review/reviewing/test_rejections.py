"""A reviewer rejects: in his name, at the second level, and before staff like the requester."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.models import Assignment, HeldBatch, Rejection
from crowd.assignments.services import reject, submit
from crowd.assignments.services.grounds import Grounds
from crowd.projects.models import Project
from crowd.review.services import held, plans, reviewing
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT
from tests.review.reviewing.answering import GOOD, answered, say
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for

pytestmark = pytest.mark.django_db(transaction=True)


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
