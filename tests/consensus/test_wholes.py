"""Long texts and recordings worked on in parts: what came out is told of the whole, each thing once."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from crowd.consensus import exports
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.wholes import told
from crowd.labeling.config import parse
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
NAMES: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [
        {"id": "names", "kind": "spans", "text": "Names?", "labels": ["PER"]},
        {"id": "knows", "kind": "relations", "of": "names", "text": "Who knows whom?", "labels": ["knows"]},
        {"id": "mood", "kind": "choice", "text": "Mood?", "labels": ["good", "bad"]},
    ],
}
TEXT = "Yes 🙂. Ann Lee met Bo Ek. They went home. Then Bo Ek left and Cy Orr came."
PEOPLE = ("Ann Lee", "Bo Ek", "Cy Orr")


def test_names_in_sentences_that_overlap_count_code_points_of_the_whole_text_and_stand_once(
    requester: User, organisation: Organisation
) -> None:
    split = {"by": "sentence", "size": 3, "overlap": 1}
    project = make_open(
        actor=requester, organisation=organisation, rows=[{"text": TEXT}], label_config=NAMES, split=split, redundancy=2
    )
    parts = [TEXT[task.source["start"] : task.source["end"]] for task in Task.objects.order_by("pk")]
    assert len(parts) == 2
    assert parts[0].endswith("They went home.")
    assert parts[1].startswith("They went home.")
    for worker in (make.make_worker(), make.make_worker()):
        read(project, worker.user)
    aggregate(project.pk)

    rows = [json.loads(line) for line in b"".join(exports.lines(project, "items", "jsonl")).splitlines()]
    spans = [one for row in rows for one in row["consensus"]["names"]["value"]]
    assert [TEXT[one["start"] : one["end"]] for one in spans] == ["Ann Lee", "Bo Ek", "Bo Ek", "Cy Orr"]
    ends = [one[end] for row in rows for one in row["consensus"]["knows"]["value"] for end in ("from", "to")]
    assert [TEXT[start:end] for start, end in ends] == ["Ann Lee", "Bo Ek", "Bo Ek", "Cy Orr"]
    assert [row["consensus"]["mood"]["value"] for row in rows] == ["good", "good"]
    said = [json.loads(line) for line in b"".join(exports.lines(project, "answers", "jsonl")).splitlines()]
    assert {TEXT[one["start"] : one["end"]] for row in said for one in row["answer"]["names"]} == set(PEOPLE)
    all_is_well()


def test_relations_name_the_spans_that_are_told() -> None:
    """The first part of the text cuts a name off, the second shows it whole."""

    def spans(*ends: tuple[int, int]) -> dict[str, Any]:
        return {"value": [{"label": "PER", "start": start, "end": end} for start, end in ends]}

    def knows(*ends: list[int]) -> dict[str, Any]:
        return {"value": [{"label": "knows", "from": ends[0], "to": ends[1]}]}

    first, second = {"start": 0, "end": 30}, {"start": 20, "end": 50}
    pieces = {
        "knows": [(1, first, knows([2, 8], [22, 30])), (2, second, knows([2, 14], [20, 25]))],
        "names": [(1, first, spans((2, 8), (22, 30))), (2, second, spans((2, 14), (20, 25)))],
    }
    found = told(parse(NAMES), pieces)
    names = [[one["start"], one["end"]] for facts in found["names"] for one in facts["value"]]
    assert names == [[2, 8], [22, 34], [40, 45]]
    assert [(one["from"], one["to"]) for facts in found["knows"] for one in facts["value"]] == [
        ([2, 8], [22, 34]),
        ([22, 34], [40, 45]),
    ]


def test_rows_of_a_paged_list_are_no_parts_of_a_text() -> None:
    asked = NAMES | {"data": {"kind": "row", "field": "rows"}}
    pieces = [
        (task, {"start": task, "end": task + 1}, {"value": [{"label": "PER", "start": 0, "end": 4}]})
        for task in range(3)
    ]
    assert told(parse(asked), {"names": pieces})["names"] == [facts for _task, _source, facts in pieces]


def read(project: Project, user: User) -> None:
    """By the API: every part, each with the names that are in it."""
    client = APIClient()
    client.force_login(user)
    current = client.post(f"{V1}/projects/{project.pk}/next/", {}, format="json").json()
    while current is not None:
        text = current["shown"]["payload"]["units"][0]["text"]
        names = sorted([at, at + len(name)] for name in PEOPLE if (at := text.find(name)) >= 0)
        value = {
            "names": [{"label": "PER", "start": start, "end": end} for start, end in names],
            "knows": [{"label": "knows", "from": names[0], "to": names[1]}],
            "mood": "good",
        }
        done = client.post(f"{V1}/assignments/{current['id']}/submit/", {"value": value}, format="json")
        assert done.status_code == 200, done.content
        current = done.json()["next"]
