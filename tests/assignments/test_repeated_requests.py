"""A request with an Idempotency-Key whose response was lost on the way does nothing a second time."""

import pytest

from crowd.assignments.configs import parsed
from crowd.assignments.models import Answer
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.kernel import idempotency
from crowd.kernel.models import IdempotencyRecord
from crowd.users.models import Organisation, User
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_mark_of_a_submit_is_committed_with_its_answer(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    held = take.take_next(worker=worker, project_id=project.id)
    parsed(held.config_id)  # as in a process that has seen the project before: only hot statements are left
    claim = idempotency.begin(scope="user:1", key="k", request_digest="d")
    assert isinstance(claim, idempotency.Claim)
    with idempotency.applying(claim):
        submit(worker=worker, assignment_id=held.id, value={"mood": "good"}, take_next=False)
    # The server dies here, before it has stored the response.
    assert Answer.objects.count() == 1
    assert IdempotencyRecord.objects.get().applied_at is not None
