"""How often the hot path asks PostgreSQL, and that it asks with statements which are planned already."""

import pytest

from crowd.assignments.configs import parsed
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.users.models import Organisation, User
from tests.make_project import make_open, texts
from tests.statements import on_the_wire
from workers.models import Worker

pytestmark = pytest.mark.django_db
GOOD = {"mood": "good"}


def test_submit_and_next_is_four_statements_that_were_prepared(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """The first task of a process may read more, and prepares; from then on the statements are only bound."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(4), redundancy=1)
    held = take.take_next(worker=worker, project_id=project.id)
    parsed(held.config_id)
    done = submit(worker=worker, assignment_id=held.id, value=GOOD)
    assert done.next is not None

    with on_the_wire() as statements:
        done = submit(worker=worker, assignment_id=done.next.id, value=GOOD)

    assert done.next is not None
    assert len(statements) == 4, statements
    assert all(one.startswith("_pg3_") for one in statements), statements
