"""A project closes while a review is in hand."""

import pytest
from django.test import Client

from crowd.assignments.models import Answer, Assignment
from crowd.consensus.services.close import close_project
from crowd.kernel import clock
from crowd.projects.models import Project
from crowd.projects.services import publish
from crowd.review.services import reviewing
from crowd.users.models import User
from tests.check import all_is_well
from tests.make_project import CENT
from tests.review.reviewing.answering import answered, earned, say
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


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
