"""Answers of a quiz are paid, right or wrong, whoever wants to reject them, and however."""

from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.models import Assignment, HeldBatch, Rejection
from crowd.assignments.services import reject, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.projects.models import Project
from crowd.review.services import held
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
GROUNDS = Grounds(evidence="written", reason="It is not bad at all.")


@pytest.fixture
def project(requester: User, organisation: Organisation, worker: Worker) -> Project:
    """He has answered a quiz of two, and one task more."""
    rows, random = texts(6, gold=2), Random(1)
    made = make_open(actor=requester, organisation=organisation, rows=rows, quiz_length=2, quiz_cap=3, quiz_pass=1)
    task = take.take_next(worker=worker, project_id=made.pk, random=random)
    for _place in range(3):
        done = submit(worker=worker, assignment_id=task.pk, value={"mood": "good"}, random=random)
        assert done.next is not None
        task = done.next
    return made


def answered(project: Project) -> tuple[list[int], int]:
    """The quiz, and the work."""
    given = Assignment.objects.filter(project=project, state="submitted").order_by("is_gold", "pk")
    work, *quiz = given.values_list("pk", flat=True)
    assert len(quiz) == 2
    return quiz, work


def test_the_page_that_rejects_leaves_them_out_and_says_so(client: Client, project: Project, requester: User) -> None:
    quiz, work = answered(project)
    client.force_login(requester)
    here = reverse("web:requester:decide", args=[project.pk])

    asked = client.post(here, {"deed": "reject", "assignment": [*quiz, work]}).text
    assert "Reject 1 answer?" in asked
    assert "2 answers of the quiz are left out" in asked
    assert asked.count('name="assignment"') == 1

    nothing = client.post(here, {"deed": "reject", "assignment": quiz}, follow=True).text
    assert "they cannot be rejected" in nothing
    assert "left out" not in client.post(here, {"deed": "accept", "assignment": [*quiz, work]}).text


def test_a_batch_that_waited_for_staff_is_carried_out_without_them(
    project: Project, requester: User, staff: User, settings: Any
) -> None:
    settings.CROWD_HOLD_REJECTIONS_FROM = 1
    quiz, work = answered(project)
    reject.reject(actor=requester, project_id=project.pk, assignment_ids=[work], grounds=GROUNDS)
    batch = HeldBatch.objects.get()
    batch.lines += [batch.lines[0] | {"assignment": one} for one in quiz]  # as such batches came to be once
    batch.save()

    assert held.let_pass(actor=staff, batch_id=batch.pk) == 1
    assert Rejection.objects.get().assignment_id == work
    all_is_well()
