"""An import through the broker: the request stores the file, a Celery worker does the rest."""

import time
from io import BytesIO

import pytest

from crowd.projects.models import Task, Upload
from crowd.projects.services import uploads
from crowd.projects.states import ImportState
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.make_project import make_draft

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.jobs]


def test_a_file_is_imported_by_the_worker(requester: User, organisation: Organisation, job_worker: None) -> None:
    project = make_draft(actor=requester, organisation=organisation)
    upload = uploads.receive(
        actor=requester, project_id=project.pk, stream=BytesIO(b"text\na\nb\n"), filename="a.csv", format="csv"
    )
    assert upload.state == ImportState.WAITING
    ends = time.monotonic() + 60
    while Upload.objects.get().state in (ImportState.WAITING, ImportState.RUNNING) and time.monotonic() < ends:
        time.sleep(0.02)  # another process's work: there is nothing to wait on but its result
    assert Upload.objects.get().state == ImportState.DONE
    assert Task.objects.count() == 2
    all_is_well()
