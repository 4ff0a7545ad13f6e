"""Who opens a requester's pages, and the project that has been worked on."""

import pytest
from django.test import Client

from crowd.assignments.models import Assignment
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus.services.aggregate import aggregate
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests import make_project
from workers.models import Worker


@pytest.fixture
def site(client: Client, requester: User) -> Client:
    client.force_login(requester)
    return client


@pytest.fixture
def running(organisation: Organisation, requester: User, worker: Worker, other_worker: Worker) -> Project:
    """Three tasks and a gold one, two answers each, all there; the workers differ in one."""
    rows = make_project.texts(4, gold=1)
    project = make_project.make_open(
        actor=requester, organisation=organisation, rows=rows, redundancy=2, gold_share="0.2"
    )
    for one, of_the_first in ((worker, "good"), (other_worker, "bad")):
        held: Assignment | None = take.take_next(worker=one, project_id=project.pk)
        while held is not None:
            text = held.task.payload["units"][0]["text"]
            mood = of_the_first if text == "text 0" else "good"  # whatever order the ring gives them in
            held = submit(worker=one, assignment_id=held.pk, value={"mood": mood}).next
    aggregate(project.pk)
    return project
