"""How often the task page's own door asks PostgreSQL: sign-in, submit, the next task and its page, all together."""

from functools import partial

import pytest
from django.conf import settings
from django.test import Client

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import take
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.check import all_is_well
from tests.make_project import CHOICE, make_open, texts
from tests.statements import on_the_wire

pytestmark = pytest.mark.django_db
MOST = 7


@pytest.fixture
def signed_in(client: Client) -> Client:
    """As the site's own form signs in, with the backend that reads a login and its worker at once."""
    client.force_login(world.ready_worker().user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def submitted(client: Client, number: int, field: str, value: str) -> list[str]:
    """The statements of one submit by the page's script, and of the page of the next task that it brings."""
    held = Assignment.objects.get(state="active", opened_at__isnull=False)
    fields = {field: value, "attempt": "1", "active_ms": str(2000 + number)}
    with on_the_wire() as statements:
        answer = client.post(f"/work/tasks/{held.pk}/submit/", fields, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.content
    assert "data-question" in answer.json()["html"]
    return statements


def _is_due(wanted: list[str], kind: str, inside: Participation, project: Project, *, ahead: bool = False) -> bool:
    return wanted[inside.submitted_count] == kind


def test_a_submit_and_the_next_page_are_seven_statements_at_most_gold_or_not(
    signed_in: Client, requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the third task on: the first ones of a process read the config, and find out who may work here."""
    wanted = ["", "", "", "gold", "gold", "", "", "repeat", "repeat", "gold", ""]  # as they may follow one another
    rows = [row | {"gold": {"mood": "good"}} if n % 2 else row for n, row in enumerate(texts(24))]
    opinion = CHOICE["questions"][0] | {"id": "taste", "asks": "opinion", "required": False}
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=rows,
        label_config=CHOICE | {"questions": [*CHOICE["questions"], opinion]},
        redundancy=1,
        gold_share="0.5",
        repeat_share="0.5",
        repeat_after=1,
    )
    for kind in ("gold", "repeat"):
        due = partial(_is_due, wanted, kind)
        monkeypatch.setattr(take, f"{kind}_is_due", due)
    signed_in.post(f"/work/projects/{project.pk}/start/")
    for number in range(len(wanted) - 1):
        statements = submitted(signed_in, number, "u0.mood", "good")
        if number > 1:
            assert len(statements) <= MOST, "\n".join(one[:160] for one in statements)
    given = Assignment.objects.order_by("pk")
    assert ["gold" * one.is_gold or "repeat" * one.is_repeat for one in given] == wanted
    all_is_well()


def test_pictures_with_guidelines_are_no_more(signed_in: Client, requester: User, organisation: Organisation) -> None:
    project = world.digits(requester, organisation, count=8, guidelines="# Digits\nChoose the digit that was meant.")
    signed_in.post(f"/work/projects/{project.pk}/start/", {"guidelines_read": "1"})
    for number in range(2):
        submitted(signed_in, number, "u0.digit", "4")
    assert len(statements := submitted(signed_in, 3, "u0.digit", "4")) <= MOST, "\n".join(
        one[:160] for one in statements
    )

    held = Assignment.objects.get(state="active")
    signed_in.post(f"/work/tasks/{held.pk}/ahead/")
    assert len(statements := submitted(signed_in, 4, "u0.digit", "4")) <= MOST, "\n".join(
        one[:160] for one in statements
    )
    all_is_well()
