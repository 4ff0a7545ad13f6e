"""A tree of a hundred thousand labels: stored once, on no page, found by words and level by level."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from crowd.assignments.errors import AnswerRefused
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.kernel.errors import BadInput
from crowd.labeling.errors import ConfigError
from crowd.labeling.fields import Fields
from crowd.labeling.tree import read_tree
from crowd.projects.models import LabelTree
from crowd.projects.services import config
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts

NODES = [["root", "All things", ""]] + [[f"n{n}", f"Thing number {n}", "root"] for n in range(99_999)]


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(**fields: Any) -> dict[str, Any]:
    question = {"id": "entity", "kind": "taxonomy", "text": "Which entity?", **fields}
    return {"data": {"kind": "text", "field": "text"}, "questions": [question]}


@pytest.mark.django_db
def test_a_large_tree_stays_off_the_page(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), label_config=asked(nodes=NODES))
    assert project.config is not None
    assert len(json.dumps(project.config.config)) < 1_000
    assert config.set_config(actor=requester, project_id=project.pk, config=asked(nodes=NODES)) == project.config
    assert LabelTree.objects.count() == 1
    worker = make.make_worker()
    held = take.take_next(worker=worker, project_id=project.pk)
    browser = signed_in(worker.user)
    browser.get(f"/api/v1/assignments/{held.pk}/labels/")  # the tree is read once a process
    found = browser.get(f"/api/v1/assignments/{held.pk}/labels/", {"words": "number 99998"}).json()
    assert found == [
        {"id": "n99998", "title": "Thing number 99998", "path": ["All things", "Thing number 99998"], "more": False}
    ]
    top = browser.get(f"/api/v1/assignments/{held.pk}/labels/").json()
    assert [(one["id"], one["more"]) for one in top] == [("root", True)]
    assert len(browser.get(f"/api/v1/assignments/{held.pk}/labels/", {"under": "root"}).json()) == 50
    assert signed_in(requester).get(f"/api/v1/projects/{project.pk}/labels/").json() == top
    with pytest.raises(AnswerRefused, match="not one of the labels"):
        submit(worker=worker, assignment_id=held.pk, value={"entity": "n100000"}, take_next=False)
    submit(worker=worker, assignment_id=held.pk, value={"entity": "n99998"}, take_next=False)
    all_is_well()


@pytest.mark.django_db
def test_a_tree_that_was_never_given_is_missed(requester: User, organisation: Organisation) -> None:
    with pytest.raises(BadInput, match="give them as nodes"):
        make_open(actor=requester, organisation=organisation, rows=texts(1), label_config=asked(digest="0" * 64))


@pytest.mark.parametrize(
    ("nodes", "place"),
    [
        ([["a"], ["a"]], "nodes[1]"),
        ([["a", "A", "b"], ["b"]], "nodes[0]"),
        ([["a"], ["b", "B", "b"]], "nodes[1]"),
        ([["a"], []], "nodes[1]"),
        ([["a"], [""]], "nodes[1]"),
        ([["a"], ["b\n"]], "nodes[1]"),
        ([["a"]], "nodes"),
    ],
)
def test_a_bad_tree_is_refused_with_its_place(nodes: Any, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_tree(Fields({"nodes": nodes}), "nodes")
    assert caught.value.path == place
