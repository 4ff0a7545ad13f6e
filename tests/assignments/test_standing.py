"""The sums on a worker's record follow what the projects decided, and test money leaves no mark."""

import pytest

from crowd.assignments.services import accept, reject, standing, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.users.models import Organisation, User
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("currency", "sums"), [("USD", (2, 1, 1)), ("XTS", (0, 0, 0))])
def test_what_was_accepted_and_rejected_is_on_the_record(
    requester: User, organisation: Organisation, worker: Worker, currency: str, sums: tuple[int, int, int]
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1, currency=currency)
    first = take.take_next(worker=worker, project_id=project.id)
    second = submit(worker=worker, assignment_id=first.id, value={"mood": "good"}).next
    assert second is not None
    submit(worker=worker, assignment_id=second.id, value={"mood": "bad"})
    version = worker.eligibility_version
    accept.accept(actor=requester, project_id=project.id, assignment_ids=[first.id])
    grounds = Grounds(evidence="written", reason="No.")
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[second.id], grounds=grounds)
    assert standing.fold() == int(any(sums))
    assert standing.fold() == 0
    worker.refresh_from_db()
    assert (worker.submitted_count, worker.accepted_count, worker.rejected_count) == sums
    assert (worker.eligibility_version > version) is any(sums)
