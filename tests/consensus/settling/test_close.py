"""A project closes once nothing is undecided, and the rest of its money returns."""

from datetime import timedelta

import pytest

from crowd.assignments.services import reject, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.consensus.services.close import close_project
from crowd.kernel import clock
from crowd.projects.models import Project
from crowd.projects.services import publish
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.consensus.settling.crowd import PRICE, answer, available
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db


def test_closing_waits_for_what_is_undecided_and_then_returns_the_rest(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=1)
    answer(worker, project, "good")
    held = take.take_next(worker=worker, project_id=project.id)
    publish.start_closing(actor=requester, project_id=project.id)
    assert not close_project(project.id)
    submit(worker=worker, assignment_id=held.id, value={"mood": "bad"})
    assert not close_project(project.id)
    clock.advance(timedelta(days=7))
    assert close_project(project.id)
    assert not close_project(project.id)
    assert available(organisation) == PRICE
    assert Project.objects.get().state == "closed"
    all_is_well()


@pytest.mark.parametrize("overturned", [True, False])
def test_a_held_reward_outlives_the_closing_until_its_window_ends(
    requester: User, organisation: Organisation, worker: Worker, staff: User, overturned: bool
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    (given,) = answer(worker, project, "good")
    grounds = Grounds(evidence="written", reason="No.")
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[given.id], grounds=grounds)
    publish.start_closing(actor=requester, project_id=project.id)
    assert close_project(project.id)
    assert available(organisation) == 0
    all_is_well()
    if overturned:
        reject.overturn(actor=staff, assignment_id=given.id, reason="It was right.")
    clock.advance(timedelta(days=14))
    assert reject.release_due() == (0 if overturned else 1)
    assert available(organisation) == (0 if overturned else PRICE)
    all_is_well()
