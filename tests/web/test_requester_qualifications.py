"""A requester's qualifications through the pages: made, granted, granted by a file, tested by gold, taken back."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crowd.users.models import Organisation, User
from qualifications.models import Grant, Qualification
from qualifications.services import requests
from tests import make, make_project
from tests.web.requester.forms import text_of
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_made_granted_tested_and_taken_back(
    client: Client,
    requester: User,
    stranger: User,
    organisation: Organisation,
    worker: Worker,
    other_worker: Worker,
) -> None:
    client.force_login(requester)
    pages = f"/requester/organisations/{organisation.pk}/qualifications/"
    codes = [pseudonym_for(organisation, one) for one in (worker, other_worker)]
    assert "Birds" in text_of(client.post(pages, {"name": "Birds", "public": "on"}, follow=True))
    assert 'class="fault"' in text_of(client.post(pages, {"name": "Birds", "description": "typed"}))  # there is one
    one = Qualification.objects.get(name="Birds")
    here = f"{pages}{one.pk}/"

    refused = text_of(client.post(here, {"deed": "grant", "worker": "nobody", "value": "70", "reason": "Knows them."}))
    assert 'class="fault" id="id_worker_error"' in refused
    assert 'value="Knows them."' in refused
    client.post(here, {"deed": "grant", "worker": codes[0], "value": "70"})
    bad = SimpleUploadedFile("g.csv", f"worker,value\n{codes[1]},80\nnobody,3\n".encode())
    assert "row 3, worker" in text_of(client.post(here, {"deed": "file", "file-file": bad}))
    good = SimpleUploadedFile("g.csv", f"worker,value\n{codes[1]},80\n".encode())
    client.post(here, {"deed": "file", "file-file": good})
    assert dict(Grant.objects.values_list("worker", "value")) == {worker.pk: 70, other_worker.pk: 80}
    assert worker.user.email not in text_of(client.get(here))

    project = make_project.make_open(actor=requester, organisation=organisation, rows=make_project.texts(4, gold=3))
    rules = {"deed": "test", "test-pass_mark": "60", "test-minutes": "5", "test-retry_days": "1", "test-count": "2"}
    assert "Choose a project" in text_of(client.post(here, rules))
    written = json.dumps({"config": make_project.CHOICE, "items": [{}]})
    assert "items[0].payload" in text_of(client.post(here, rules | {"test-written": written}))
    client.post(here, rules | {"test-project": str(project.pk)})
    (test,) = one.tests.all()
    assert (len(test.items), test.pass_mark, test.time_limit_s, test.retry_delay_s) == (2, 60, 300, 86_400)

    told = {"deed": "edit", "edit-name": "Birds", "edit-public": "on", "edit-active": "on", "edit-asking": "decided"}
    client.post(here, told | {"edit-valid_days": "30"})
    asked = requests.ask(user=make.make_worker().user, qualification_id=one.pk, message="I watch gulls.")
    assert "I watch gulls." in text_of(client.get(here))
    no = {"deed": "decide", "decide-request_id": asked.pk, "decide-decision": "refuse", "decide-value": "100"}
    assert "A reason is needed" in text_of(client.post(here, no))
    client.post(here, no | {"decide-decision": "grant", "decide-value": "55"})
    held = Grant.objects.get(worker=asked.worker)
    assert (held.value, held.expires_at) == (55, held.granted_at + timedelta(days=30))

    client.post(here, {"deed": "revoke", "revoke-worker": codes[0], "revoke-reason": "Mistook a wren."})
    client.post(here, {"deed": "edit", "edit-name": "Birds of Europe", "edit-description": "All of them."})
    one.refresh_from_db()
    assert (one.name, one.public, one.active) == ("Birds of Europe", False, False)
    assert Grant.objects.get(worker=worker).state == "revoked"

    client.force_login(stranger)
    make.make_organisation(owner=stranger, name="Strangers")
    assert client.get(here).status_code == client.post(here, {"deed": "edit"}).status_code == 404
