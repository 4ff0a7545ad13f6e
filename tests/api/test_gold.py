"""A worker cannot tell gold from other tasks: not by a field, not by its shape, not by what he is answered."""

from random import Random
from typing import Any

import pytest
from rest_framework.test import APIClient

from crowd.api.fields import TaskNumber
from crowd.assignments.models import Assignment
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from tests import make_project
from tests.api.conftest import SignIn
from tests.api.people import made, results
from workers.models import Worker

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
TELLING = ("gold", "score", "passed", "It says so", "redundancy", "is_", "reason", "key", "counts")


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    rows = [{"text": f"text {number}", "extra": "x"} for number in range(12)]
    for number, row in enumerate(rows[:4]):
        row |= {"gold": "good", "gold_reason": f"It says so {number}."}
    Random(3).shuffle(rows)
    return make_project.make_open(
        actor=requester,
        organisation=organisation,
        rows=rows,
        gold_share="0.4",
        quiz_length=1,
        quiz_cap=3,
        redundancy=1,
        choose_tasks=False,
    )


def shape(value: Any) -> Any:
    """What a response is made of: names and kinds, without the values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value).__name__


def without_the_requesters_words(response: dict[str, Any]) -> str:
    """The response without the label config, the guidelines and the item's own columns: what is left is ours."""
    own = ("config", "guidelines", "payload")
    plain = {name: value for name, value in response.items() if name not in own and not isinstance(value, dict)}
    inner = [value for name, value in response.items() if name not in own and isinstance(value, dict)]
    return str(plain) + "".join(without_the_requesters_words(one) for one in inner)


def same_for_both(responses: dict[int, dict[str, Any]]) -> None:
    """Assignment id -> response: gold and others have one shape, and no word that tells."""
    golden = set(Assignment.objects.filter(is_gold=True).values_list("id", flat=True))
    shapes: dict[bool, list[Any]] = {True: [], False: []}
    for number, response in responses.items():
        shapes[number in golden].append(shape(response))
        assert not [word for word in TELLING if word in without_the_requesters_words(response)]
    assert shapes[True]
    assert shapes[False]
    assert all(one == shapes[True][0] for one in shapes[True] + shapes[False])


def test_taking_submitting_and_looking_back_tell_nothing(project: Project, sign_in: SignIn, worker: Worker) -> None:
    client = sign_in(worker.user)
    taken: dict[int, Any] = {}
    said: dict[int, Any] = {}
    current = made(client.post(f"{V1}/projects/{project.pk}/next/"))
    while current is not None:
        number = current["id"]
        taken[number] = current
        # A wrong answer to gold must be answered like a right one.
        answer = made(client.post(f"{V1}/assignments/{number}/submit/", {"value": {"mood": "bad"}}))
        current = answer["next"]
        if current is not None:
            said[number] = answer
    seen = {number: made(client.get(f"{V1}/assignments/{number}/")) for number in taken}
    listed = {row["id"]: row for row in results(client.get(f"{V1}/assignments/"))}

    for responses in (taken, said, seen, listed):
        same_for_both(responses)


def test_giving_back_tells_nothing(project: Project, sign_in: SignIn, worker: Worker, other_worker: Worker) -> None:
    given_back = {}
    for one in (worker, other_worker):
        client = sign_in(one.user)
        number = made(client.post(f"{V1}/projects/{project.pk}/next/"))["id"]
        if one == worker:  # the quiz is gold; the other one goes on to an ordinary task
            given_back[number] = made(client.post(f"{V1}/assignments/{number}/return/", {}))
            continue
        current: Any = {"id": number}
        while Assignment.objects.get(id=current["id"]).is_gold:
            current = made(client.post(f"{V1}/assignments/{current['id']}/submit/", {"value": {"mood": "good"}}))[
                "next"
            ]
        given_back[current["id"]] = made(client.post(f"{V1}/assignments/{current['id']}/return/", {}))

    same_for_both(given_back)


def test_gold_stands_in_the_list_of_tasks_like_any_other(
    requester: User, organisation: Organisation, sign_in: SignIn, worker: Worker
) -> None:
    rows = make_project.texts(6, gold=2)
    project = make_project.make_open(
        actor=requester, organisation=organisation, rows=rows, gold_share="0.3", choose_tasks=True
    )
    client = sign_in(worker.user)

    listed = results(client.get(f"{V1}/offers/{project.pk}/tasks/"))

    ids = Task.objects.filter(project=project).values_list("id", flat=True)
    assert {TaskNumber.task_id(row["id"]) for row in listed} == set(ids)
    assert len({str(shape(row)) for row in listed}) == 1
    assert not [word for word in TELLING if word in str(shape(listed))]
    taken = {}
    for row in listed:
        one = made(client.post(f"{V1}/projects/{project.pk}/tasks/{row['id']}/take/"))
        taken[one["id"]] = one
        made(client.post(f"{V1}/assignments/{one['id']}/submit/", {"value": {"mood": "good"}, "take_next": False}))
    same_for_both(taken)
    assert results(client.get(f"{V1}/offers/{project.pk}/tasks/")) == []


def test_the_known_answer_is_shown_to_its_requester_only(
    project: Project, browser: APIClient, sign_in: SignIn, worker: Worker
) -> None:
    shown = results(browser.get(f"{V1}/projects/{project.pk}/tasks/", {"is_gold": "true"}))
    seen_by_worker = sign_in(worker.user).get(f"{V1}/offers/{project.pk}/").content.decode()

    assert [row["gold"] for row in shown] == [{"units": [{"mood": "good"}]}] * 4
    assert "It says so" not in seen_by_worker
