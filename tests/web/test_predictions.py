"""Workers start from what a model answered; the requester is told what that does to his known answers."""

import json
import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from crowd.assignments.models import Answer
from crowd.assignments.services import drafts
from crowd.projects.errors import BadRows
from crowd.projects.models import Project
from crowd.projects.services import config, items
from crowd.users.models import Organisation, User
from crowd.web import asking
from tests.labeling.examples import EXAMPLES, Example, ids
from tests.make_project import CHOICE, make_draft, make_open
from workers.models import Worker

pytestmark = pytest.mark.django_db
PREDICTED = CHOICE | {"data": CHOICE["data"] | {"prediction": "model"}}
ROWS = [{"text": "what a day", "model": "good"}, {"text": "how sad", "model": "good"}, {"text": "so so", "model": ""}]
KNOWN = {"text": "I am glad", "model": "good", "gold": "good"}


@pytest.fixture
def by_requester(client: Client, requester: User) -> Client:
    client.force_login(requester)
    return client


def draft(requester: User, organisation: Organisation, *rows: dict[str, str], **more: Any) -> Project:
    return make_draft(actor=requester, organisation=organisation, rows=rows, label_config=PREDICTED, **more)


def fields_of(page: str) -> dict[str, list[str]]:
    (found,) = re.findall(r'<script id="draft" type="application/json">(.*?)</script>', page)
    fields: dict[str, list[str]] = json.loads(found)
    return fields


def test_a_task_starts_with_it_until_the_worker_has_typed(
    client: Client, requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=ROWS[:1], label_config=PREDICTED, redundancy=1)
    client.force_login(worker.user)
    page = client.post(reverse("web:start", args=[project.pk]), {"guidelines_read": ""}, follow=True)
    assert fields_of(page.text) == {"u0.mood": ["good"]}
    assert "A model filled this in" in page.text
    here = page.redirect_chain[-1][0]

    assignment = worker.assignments.get()
    drafts.save_draft(worker=worker, assignment_id=assignment.pk, attempt=1, value={})
    page = client.get(here)
    assert fields_of(page.text) == {}  # he took it away
    assert "A model filled this in" in page.text
    client.post(reverse("web:submit", args=[assignment.pk]), {"attempt": 1, "active_ms": 2, "u0.mood": "bad"})
    assert Answer.objects.get().value == {"units": [{"mood": "bad"}]}


@pytest.mark.parametrize("example", EXAMPLES, ids=ids)
def test_a_form_says_what_it_was_filled_with(example: Example) -> None:
    for value in (example.key, *example.answers):
        answer = {"q": value}
        form = QueryDict(mutable=True)
        for name, written in asking.filled(0, [example.question], answer).items():
            form.setlist(name, written)
        assert asking.read_unit(0, [example.question], form) == answer


def test_known_answers_must_neither_stand_out_nor_be_predicted_rightly_all(
    by_requester: Client, requester: User, organisation: Organisation
) -> None:
    told = [
        ((*ROWS, KNOWN), "they cannot tell who only confirms"),
        ((*ROWS, KNOWN | {"model": ""}), "workers can tell these by the form"),
        ((*ROWS, KNOWN, KNOWN | {"model": "bad"}), "right in 1 of 2"),
    ]
    for rows, words in told:
        project = draft(requester, organisation, *rows)
        page = by_requester.get(reverse("web:requester:setup-check", args=[project.pk])).text
        assert words in page
        assert "in 2 of 3 tasks" in page
        walked = [by_requester.get(reverse("web:requester:walk", args=[project.pk]), {"n": n}).text for n in (1, 2, 3)]
        assert any('"u0.mood": ["good"]' in one for one in walked)
    assert "only confirms" not in page
    assert "by the form" not in page


def test_what_cannot_be_an_answer_is_refused_with_its_row_and_column(
    requester: User, organisation: Organisation
) -> None:
    project = draft(requester, organisation)
    with pytest.raises(BadRows) as refused:
        items.add(actor=requester, project_id=project.pk, rows=[ROWS[0], ROWS[1] | {"model": "angry"}])
    (fault,) = refused.value.data["rows"]
    assert (fault["row"], fault["column"]) == (2, "model")
    cut = draft(requester, organisation, split={"by": "length", "size": 10})
    with pytest.raises(BadRows, match="about the whole item"):
        items.add(actor=requester, project_id=cut.pk, rows=[ROWS[0] | {"text": "what a day, oh what a day"}])
    hidden = draft(requester, organisation)
    config.set_config(actor=requester, project_id=hidden.pk, config=CHOICE)
    items.add(actor=requester, project_id=hidden.pk, rows=ROWS[:1], options={"key_column": "model"})
    with pytest.raises(BadRows, match="no worker sees"):
        config.set_config(actor=requester, project_id=hidden.pk, config=PREDICTED)


def test_the_column_is_named_in_the_form(by_requester: Client, requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=ROWS)
    step = reverse("web:requester:setup-question", args=[project.pk])
    form = {
        "q-TOTAL_FORMS": "1", "q-INITIAL_FORMS": "0", "q-0-text": "Which mood?", "q-0-kind": "choice", "q-0-id": "mood",
        "q-0-labels": "good\nbad", "q-0-required": "on", "q-0-scored": "on", "prediction": "model",
    }  # fmt: skip
    assert by_requester.post(step, form).status_code == 302
    project.refresh_from_db()
    assert project.config is not None
    assert project.config.config["data"]["prediction"] == "model"
    assert 'name="prediction" value="model"' in by_requester.get(step).text
