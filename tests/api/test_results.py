"""What comes out: consensus, exports as files, progress; workers by pseudonym only, and nothing that was not paid."""

import csv
import io
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from crowd.consensus import jobs
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests import make_project
from tests.api.conftest import SignIn
from tests.api.people import made, results
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
SAID = {"text 0": "good", "text 1": "bad", "=1+1": "good"}


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    rows = [{"text": text, "own, column": f"of {text}"} for text in SAID]
    return make_project.make_open(actor=requester, organisation=organisation, rows=rows, redundancy=2)


def label(client: APIClient, project: Project) -> list[int]:
    """Every task, each with what SAID says; the ids of the assignments."""
    current = made(client.post(f"{V1}/projects/{project.pk}/next/"))
    done = []
    while current is not None:
        mood = SAID[current["shown"]["payload"]["units"][0]["text"]]
        done.append(current["id"])
        current = made(client.post(f"{V1}/assignments/{current['id']}/submit/", {"value": {"mood": mood}}))["next"]
    return done


def lines(response: Any) -> str:
    assert response.status_code == 200
    text: str = b"".join(response.streaming_content).decode()
    return text


@pytest.fixture
def done(project: Project, worker: Worker, other_worker: Worker, sign_in: SignIn) -> list[int]:
    found = label(sign_in(worker.user), project) + label(sign_in(other_worker.user), project)
    jobs.aggregate_project(project.pk)
    return found


def test_items_with_their_merged_answers_as_csv(project: Project, done: list[int], browser: APIClient) -> None:
    response = browser.get(f"{V1}/projects/{project.pk}/export/")
    rows = list(csv.DictReader(io.StringIO(lines(response))))

    assert "attachment" in response["Content-Disposition"]
    assert {row["data.text"]: row["consensus.mood.value"] for row in rows} == {
        "text 0": "good",
        "text 1": "bad",
        "'=1+1": "good",  # guarded: a spreadsheet would run it
    }
    assert rows[0]["data.own, column"] == "of text 0"
    assert (rows[0]["consensus.mood.answers"], rows[0]["consensus.mood.agreement"]) == ("2", "1.0")


def test_items_as_json_lines(project: Project, done: list[int], browser: APIClient) -> None:
    text = lines(browser.get(f"{V1}/projects/{project.pk}/export/", {"as": "jsonl"}))
    rows = [json.loads(line) for line in text.splitlines()]

    assert {row["data"]["text"]: row["consensus"]["mood"]["value"] for row in rows} == SAID
    assert rows[0]["consensus"]["mood"]["posterior"] > 0.5


def test_answers_by_pseudonym(
    project: Project, done: list[int], browser: APIClient, organisation: Organisation, worker: Worker
) -> None:
    text = lines(browser.get(f"{V1}/projects/{project.pk}/export/", {"of": "answers", "as": "jsonl"}))
    rows = [json.loads(line) for line in text.splitlines()]

    assert {row["assignment"] for row in rows} == set(done)
    assert pseudonym_for(organisation, worker) in {row["worker"] for row in rows}
    assert worker.user.email not in text


def test_a_rejected_answer_is_in_no_export_and_shown_no_more(
    project: Project, done: list[int], browser: APIClient
) -> None:
    here = f"{V1}/projects/{project.pk}"
    made(browser.post(f"{here}/assignments/reject/", {"assignments": [done[0]], "reason": "Not read."}))

    text = lines(browser.get(f"{here}/export/", {"of": "answers", "as": "jsonl"}))
    shown = made(browser.get(f"{here}/assignments/{done[0]}/"))
    other = made(browser.get(f"{here}/assignments/{done[1]}/"))

    assert {json.loads(line)["assignment"] for line in text.splitlines()} == set(done[1:])
    assert (shown["answer"], shown["rejection"]["reason"]) == (None, "Not read.")
    assert other["answer"]["value"]["units"]


def test_a_worker_reads_why_he_was_rejected_and_staff_overturn_it(
    project: Project, done: list[int], browser: APIClient, sign_in: SignIn, worker: Worker, staff: User
) -> None:
    here = f"{V1}/projects/{project.pk}"
    made(browser.post(f"{here}/assignments/reject/", {"assignments": [done[0]], "reason": "Not read."}))

    (mine,) = results(sign_in(worker.user).get(f"{V1}/rejections/"))
    assert (mine["reason"], mine["assignment"]["id"], mine["state"]) == ("Not read.", done[0], "held")
    made(sign_in(staff).post(f"{V1}/staff/assignments/{done[0]}/overturn/", {"reason": "He did."}))

    assert made(sign_in(worker.user).get(f"{V1}/assignments/{done[0]}/"))["state"] == "accepted"


def test_staff_who_work_themselves_decide_nothing_about_themselves(
    project: Project, done: list[int], browser: APIClient, sign_in: SignIn, organisation: Organisation, worker: Worker
) -> None:
    here, code = f"{V1}/projects/{project.pk}", pseudonym_for(organisation, worker)
    made(browser.post(f"{here}/assignments/reject/", {"assignments": [done[0]], "reason": "Not read."}))
    made(browser.post(f"{here}/workers/{code}/pause/", {"reason": "Let us talk."}))
    User.objects.filter(pk=worker.user_id).update(is_staff=True)
    worker.user.refresh_from_db()

    himself = sign_in(worker.user)
    for address in (f"{V1}/staff/assignments/{done[0]}/overturn/", f"{here}/workers/{code}/lift/"):
        assert himself.post(address, {"reason": "I know best."}).status_code == 403, address
    assert made(himself.get(f"{V1}/assignments/{done[0]}/"))["state"] == "rejected"


def test_no_response_to_a_requester_tells_who_a_worker_is(
    project: Project, done: list[int], browser: APIClient, worker: Worker, other_worker: Worker
) -> None:
    here = f"{V1}/projects/{project.pk}"
    paths = ("assignments", "workers", "consensus", "runs", "progress", "tasks", "proposals")

    answers = [browser.get(f"{here}/{path}/") for path in paths]
    organisation = f"{V1}/organisations/{project.organisation_id}"
    answers += [browser.get(f"{organisation}/statement/", {"currency": "USD"}), browser.get(f"{organisation}/audit/")]

    for answer in answers:
        assert answer.status_code == 200
        for one in (worker, other_worker):
            assert one.user.email.encode() not in answer.content
            assert b'"country"' not in answer.content
            assert f'"worker":{one.pk}'.encode() not in answer.content


def test_workers_with_what_the_model_found_out(
    project: Project, done: list[int], browser: APIClient, organisation: Organisation, worker: Worker
) -> None:
    here = f"{V1}/projects/{project.pk}/workers"
    code = pseudonym_for(organisation, worker)

    one = made(browser.get(f"{here}/{code}/"))
    paused = made(browser.post(f"{here}/{code}/pause/", {"reason": "Let us talk."}))
    (listed,) = results(browser.get(f"{here}/", {"state": "paused"}))

    assert (one["worker"], one["submitted"], one["scores"][0]["question"]) == (code, 3, "mood")
    assert one["gold_accuracy"] is None
    assert paused["state"] == "paused"
    assert listed["worker"] == code


def test_filters_of_assignments(
    project: Project, done: list[int], browser: APIClient, organisation: Organisation, worker: Worker
) -> None:
    here = f"{V1}/projects/{project.pk}/assignments/"
    of_one = results(browser.get(here, {"worker": pseudonym_for(organisation, worker)}))

    assert [row["id"] for row in of_one] == done[2::-1]
    assert results(browser.get(here, {"state": "rejected"})) == []
    assert {row["task"] for row in results(browser.get(here, {"task": of_one[0]["task"]}))} == {of_one[0]["task"]}
    assert browser.get(here, {"worker": "ANOBODY"}).status_code == 404


def test_aggregating_now_asks_for_the_job(project: Project, done: list[int], browser: APIClient) -> None:
    answer = made(browser.post(f"{V1}/projects/{project.pk}/runs/"), 202)

    assert answer == {"started": True}
