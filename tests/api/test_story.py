"""The whole story through the API: post, label, be paid, take the money home; and then everything adds up."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from crowd.assignments.models import Assignment
from crowd.consensus import jobs
from crowd.kernel import clock
from crowd.projects.models import Task
from crowd.projects.services import uploads
from crowd.users.models import User
from tests.api.conftest import SignIn
from tests.api.people import made, results, sign_up
from tests.check import all_is_well
from tests.make_project import CHOICE

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
TEXTS = ["I love it", "I hate it", "so good", "so bad", "never again"]
MOODS = {"I love it": "good", "I hate it": "bad", "so good": "good", "so bad": "bad", "never again": "bad"}
GOLD = {"the best day": "good", "the worst day": "bad"}
PROFILE = {
    "legal_name": "Wanda Worker",
    "address": "Street 1, Town",
    "date_of_birth": "1990-05-04",
    "country": "DE",
    "method": "bank_transfer",
    "iban": "DE89370400440532013000",
}


def csv_of_items() -> SimpleUploadedFile:
    rows = [f"{text},," for text in TEXTS] + [f"{text},{mood},It says so." for text, mood in GOLD.items()]
    lines = ["text,gold,gold_reason", *rows]
    return SimpleUploadedFile("items.csv", "\n".join(lines).encode(), content_type="text/csv")


def fund(organisation: int, staff: APIClient, other_staff: APIClient) -> None:
    deposit = {"organisation": organisation, "amount": "10.00", "currency": "USD", "reference": "bank 1"}
    recorded = made(staff.post(f"{V1}/staff/deposits/", deposit), 201)
    assert staff.post(f"{V1}/staff/deposits/{recorded['id']}/approve/").status_code == 403  # a second person is needed
    approved = made(other_staff.post(f"{V1}/staff/deposits/{recorded['id']}/approve/"))
    assert approved["state"] == "done"


def agree(person: APIClient) -> None:
    """To the terms and the privacy notice, as he has just read them."""
    texts = person.get(f"{V1}/me/terms/").json()
    answer = person.post(f"{V1}/me/terms/", {one["document"]: one["version"] for one in texts})
    assert answer.status_code == 200, answer.content


def post_project(requester: APIClient, organisation: int) -> int:
    settings = {
        "title": "Moods",
        "reward_micros": 50_000,
        "redundancy": 3,
        "gold_share": "0.6",  # so that gold comes up as surely as can be
        "auto_accept_s": 3600,
        "aggregate_every": 5,
    }
    project = made(requester.post(f"{V1}/organisations/{organisation}/projects/", settings), 201)
    here = f"{V1}/projects/{project['id']}"
    made(requester.put(f"{here}/config/", {"config": CHOICE}))
    made(requester.put(f"{here}/guidelines/", {"text": "Read, then **decide**."}))
    upload = requester.post(f"{here}/uploads/", {"file": csv_of_items(), "format": "csv"}, format="multipart")
    received = made(upload, 202)
    assert received["state"] == "waiting"
    uploads.process(upload_id=received["id"])  # the job
    done = made(requester.get(f"{here}/uploads/{received['id']}/"))
    assert (done["state"], done["rows_good"], done["errors"]) == ("done", 7, [])
    return int(project["id"])


def work_through(worker: APIClient, project: int) -> None:
    """Read the guidelines, then take and submit until there is nothing left."""
    unread = worker.post(f"{V1}/projects/{project}/next/")
    assert (unread.status_code, unread.json()["code"]) == (409, "guidelines_unread")
    assert unread.json()["text"] == "Read, then **decide**."
    read = {"guidelines_read": unread.json()["version"]}
    current: dict[str, Any] | None = made(worker.post(f"{V1}/projects/{project}/next/", read))
    while current is not None:
        (unit,) = current["shown"]["payload"]["units"]
        value: dict[str, Any] = {"units": [{"mood": (MOODS | GOLD)[unit["text"]]}]}
        if unit["text"] == "never again":
            value = {"cannot_answer": {"reason": "unclear", "comment": "which one?"}}
        body = {"value": value, "attempt": current["attempt"], "active_ms": 900}
        said = made(worker.post(f"{V1}/assignments/{current['id']}/submit/", body))
        assert said["counted"]
        current = said["next"]
    assert said["ended"]["code"] == "no_work"


def pay_out(worker: APIClient, staff: APIClient, other_staff: APIClient) -> dict[str, Any]:
    made(worker.put(f"{V1}/payout-profile/", PROFILE))
    shown = made(worker.get(f"{V1}/payout-profile/"))
    assert "DE89370400440532013000" not in json.dumps(shown)
    # The smallest payout is one unit: the site's setting keeps transfers from costing more than they carry.
    payout = made(worker.post(f"{V1}/payouts/", {"currency": "USD"}, HTTP_IDEMPOTENCY_KEY="first payout"), 201)
    again = made(worker.post(f"{V1}/payouts/", {"currency": "USD"}, HTTP_IDEMPOTENCY_KEY="first payout"), 201)
    assert again == payout
    batch = made(staff.post(f"{V1}/staff/batches/", {"currency": "USD", "payouts": [payout["id"]]}), 201)
    here = f"{V1}/staff/batches/{batch['id']}"
    assert staff.post(f"{here}/approve/").status_code == 403  # he built it
    made(other_staff.post(f"{here}/approve/"))
    made(staff.post(f"{here}/send/"))
    file = staff.get(f"{here}/file/")
    (row,) = csv.DictReader(io.StringIO(file.content.decode()))
    assert (row["name"], row["currency"]) == ("Wanda Worker", "USD")
    assert staff.get(f"{here}/file/").content == file.content
    answer = SimpleUploadedFile("results.csv", f"reference,result\n{row['reference']},confirmed\n".encode())
    report = made(staff.post(f"{here}/results/", {"file": answer}, format="multipart"))
    assert report == {"confirmed": 1, "failed": 0, "known": 0}
    return made(worker.get(f"{V1}/payouts/{payout['id']}/"))


def test_from_a_posted_project_to_a_paid_worker(
    sign_in: SignIn, with_key: SignIn, staff: User, other_staff: User, settings: Any
) -> None:
    settings.CROWD_PAYOUT_MINIMUM = "0.10"
    office, second = with_key(staff, "staff"), sign_in(other_staff)

    # Sign up, with an address that was confirmed; the requester goes on with a program of his.
    browser, rita = sign_up("rita@example.org")
    organisation = made(browser.post(f"{V1}/organisations/", {"name": "Rita's Lab"}), 201)["id"]
    requester = with_key(rita, "read", "projects", "money")
    crowd = []
    for name in ("wanda", "wim", "wu"):
        worker, _user = sign_up(f"{name}@example.org")
        agree(worker)
        made(worker.post(f"{V1}/worker/", {"country": "DE", "languages": ["de", "en"], "adult": True}), 201)
        crowd.append(worker)
    wanda = crowd[0]

    # Post and pay: without money the exact shortfall is said, with its parts.
    project = post_project(requester, organisation)
    here = f"{V1}/projects/{project}"
    price = made(requester.get(f"{here}/price/"))
    assert (price["slots"], price["gold_answers"]) == (15, 23)
    assert price["total"] == {"micros": 38 * 60_000, "amount": "2.28", "currency": "USD"}
    short = requester.post(f"{here}/publish/")
    assert short.status_code == 409
    assert (short.json()["code"], short.json()["shortfall_micros"]) == ("not_enough_money", 2_280_000)
    assert short.json()["parts"]["gold_reserve_micros"] == 1_380_000
    fund(organisation, office, second)
    assert made(requester.post(f"{here}/publish/"))["state"] == "open"
    assert requester.post(f"{here}/publish/").status_code == 409

    # Work: every task, gold among them, until nothing is left.
    (offer,) = results(wanda.get(f"{V1}/offers/"))
    assert (offer["title"], offer["lacking"], offer["reward"]["amount"]) == ("Moods", [], "0.05")
    for worker in crowd:
        work_through(worker, project)
    assert Assignment.objects.filter(is_gold=True).exists()
    assert Task.objects.get(item__data__text="never again").state == "review"  # two could not answer it

    # Aggregate, and pay when the hour is over.
    jobs.aggregate_project(project)
    assert len(results(requester.get(f"{here}/runs/"))) >= 1
    merged = {row["task"]: row["value"] for row in results(requester.get(f"{here}/consensus/"))}
    texts = {task.pk: task.item.data["text"] for task in Task.objects.filter(is_gold=False).select_related("item")}
    assert {texts[task]: mood for task, mood in merged.items()} == {t: MOODS[t] for t in TEXTS[:4]}
    (purse,) = made_list(wanda.get(f"{V1}/earnings/"))
    of_wanda = results(wanda.get(f"{V1}/assignments/"))
    assert {one["state"] for one in of_wanda} == {"submitted", "accepted"}  # two reports agree: accepted at once
    assert purse["pending"]["micros"] + purse["available"]["micros"] == 50_000 * len(of_wanda)
    clock.advance(timedelta(hours=1, seconds=1))
    jobs.settle_project(project)
    mine = results(wanda.get(f"{V1}/assignments/"))
    assert {one["state"] for one in mine} == {"accepted"}
    (purse,) = made_list(wanda.get(f"{V1}/earnings/"))
    assert (purse["pending"]["micros"], purse["available"]["micros"]) == (0, 50_000 * len(mine))

    # Take the money home, close, and get the rest back.
    paid = pay_out(wanda, office, second)
    assert paid["state"] == "confirmed"
    made(requester.post(f"{here}/close/", {}))
    jobs.close_project(project)
    assert made(requester.get(f"{here}/"))["state"] == "closed"
    (balance,) = made_list(requester.get(f"{V1}/organisations/{organisation}/balances/"))
    spent = 60_000 * Assignment.objects.filter(state="accepted").count()
    assert balance["available"]["micros"] == 10_000_000 - spent

    assert made(office.get(f"{V1}/staff/ledger/self-check/")) == {"balanced": True}
    all_is_well()


def made_list(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()
    return rows
