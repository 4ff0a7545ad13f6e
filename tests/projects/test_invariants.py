"""Each invariant of the projects notices the fault that it is there for."""

import pytest
from django.db import connection

from crowd.kernel.invariants import broken
from crowd.projects.invariants import INVARIANTS
from crowd.users.models import Organisation, User
from tests.make_project import make_draft, make_open, texts

pytestmark = pytest.mark.django_db

FAULTS = {
    "tasks in one project with their item": """
        UPDATE projects_task SET project_id = (SELECT max(id) FROM projects_project)""",
    "free slots are open": "UPDATE projects_task SET open = false",
    "published projects are complete": "UPDATE projects_project SET published_at = NULL WHERE state = 'open'",
    "drafts hold no money": "UPDATE projects_project SET surplus_micros = 1 WHERE state = 'draft'",
    "current versions are a project's own": """
        UPDATE projects_project SET config_id = (SELECT min(id) FROM projects_configversion)""",
    "items become tasks": "DELETE FROM projects_task WHERE id = (SELECT min(id) FROM projects_task)",
    "media in one project with their item": """
        WITH file AS (INSERT INTO projects_mediafile
            (project_id, storage_name, filename, content_type, size, sha256, source_url, created_at)
            SELECT max(id), '', '', '', 0, '', '', now() FROM projects_project RETURNING id)
        UPDATE projects_item SET media_id = (SELECT id FROM file)""",
}


@pytest.mark.parametrize("name", FAULTS)
def test_it_notices(requester: User, organisation: Organisation, name: str) -> None:
    make_open(actor=requester, organisation=organisation, rows=texts(4, gold=1), split={"by": "sentence"})
    make_draft(actor=requester, organisation=organisation)
    assert broken(INVARIANTS) == {}
    with connection.cursor() as cursor:
        cursor.execute(FAULTS[name])
    assert name in broken(INVARIANTS)


def test_every_invariant_is_tried() -> None:
    assert {invariant.name for invariant in INVARIANTS} == FAULTS.keys()
