"""Experts' reviews: which tasks, what a verdict does, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest

from crowd.assignments.models import Answer, Assignment
from crowd.consensus.models import Consensus
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.close import close_project
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotFound
from crowd.kernel.transitions import WrongState
from crowd.projects.models import Project, Task
from crowd.projects.services import publish
from crowd.review import jobs
from crowd.review.errors import NoReview, ReserveShort
from crowd.review.models import TaskReview
from crowd.review.services import plans, reviewing
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT, make_open, texts
from tests.races import errors, together
from tests.review.reviewing.answering import GOOD, answer, answered, earned, say
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


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
